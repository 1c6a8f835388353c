import type { ProcessResult } from '../platform/process.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { parseAnswer } from './far-parts.ts';
import { IN_BASE64 } from './far-program.ts';
import {
  type FarReceipts,
  parseReceipts,
  RECEIPTS_ARE_NEW,
  RECEIPTS_NEWS,
  RECEIPTS_STATE,
  type ReceiptsOrder,
} from './far-receipts.ts';

/**
 * Watches a folder on another host: waits there until something changes, and returns everything new in one answer.
 * Pure: a program for a POSIX shell with GNU find and coreutils, and the parser of its output.
 */
export interface LookOrder {
  /** Absolute, on the remote host. */
  readonly folder: string;
  /** Below that folder: a folder of small files that appear and are replaced. */
  readonly small: string;
  /** The names of the small files to return, as shell patterns. */
  readonly wanted: readonly string[];
  /** The last look's name for the state of the small files; '' at first. */
  readonly known: string;
  /** Growing files, and how many bytes of each have arrived here. */
  readonly growing: readonly GrowingThere[];
  /** A growing file for which no look ends early: what is new of it comes with the rest. If it is shorter, all of it. */
  readonly beside: GrowingThere | null;
  /** Of many tasks; null if there are none. */
  readonly receipts: ReceiptsOrder | null;
  /** How long to wait for a change; 0 means return at once. */
  readonly waitSeconds: number;
  /** Growth alone ends the wait only after this time. */
  readonly calmSeconds: number;
  /** A command whose answer is returned with the rest. */
  readonly question: Question | null;
}

export interface GrowingThere {
  readonly path: string;
  readonly offset: number;
}

export interface Question {
  readonly argv: readonly string[];
  /** Ask the question once this much of the wait has passed; asking ends the wait. */
  readonly afterSeconds: number;
  /** Ask at once if something is new and this small file exists. */
  readonly with: string;
}

/** The result of the question, as of any command. */
export type Answer = Pick<ProcessResult, 'argv' | 'exitCode' | 'timedOut' | 'stdout' | 'stderr'>;

export interface FarLook {
  readonly known: string;
  /** New or replaced small files, by name; null if nothing about them has changed. */
  readonly small: ReadonlyMap<string, Buffer> | null;
  readonly grown: readonly { readonly path: string; readonly offset: number; readonly bytes: Buffer }[];
  readonly receipts: FarReceipts | null;
  /** null if the question was not asked. */
  readonly answer: Omit<Answer, 'argv'> | null;
}

/** The largest size of a small file, and of one part of a growing file. */
export const MOST_BYTES = 1024 * 1024;
/** Exit status if the folder is missing. */
export const NO_FOLDER = 44;
/** A question that hangs must not delay the rest for long. */
export const QUESTION_SECONDS = 20;

// Each message is one line in base64, so that no name and no content can be mistaken for another field.
const program = (wanted: readonly string[], hasReceipts: boolean): string => `
${IN_BASE64}
cd -- "$1" 2>/dev/null || exit ${NO_FOLDER}
small=$2 known=$3 calm=$4 question=$5 due=$6 with=$7; shift 7
beside=$1 from=$2; shift 2
${hasReceipts ? RECEIPTS_STATE : ''}
began=$(date +%s); deadline=$((began + $1)); shift
state() { find "$small" -maxdepth 1 -type f \\( ${wanted.map((pattern) => `-name '${pattern}'`).join(' -o ')} \\) -printf '%f %i %s %T@\\n' 2>/dev/null | LC_ALL=C sort | cksum | awk '{ print $1 "-" $2 }'; }
size() { stat -c %s -- "$1" 2>/dev/null || echo 0; }
grown() { while [ $# -gt 1 ]; do [ "$(size "$1")" -le "$2" ] || return 0; shift 2; done; return 1; }
while :; do
  now=$(state); clock=$(date +%s)
  [ "$now" = "$known" ] || break
  [ -z "$question" ] || [ $((clock - began)) -lt "$due" ] || break
  [ "$clock" -lt "$deadline" ] || break
${hasReceipts ? RECEIPTS_ARE_NEW : ''}
  [ $((clock - began)) -lt "$calm" ] || ! grown "$@" || break
  sleep 0.5
done
ask=
[ $((clock - began)) -lt "$due" ] || ask=yes
[ "$now" = "$known" ] || [ ! -f "$small/$with" ] || ask=yes
if [ -n "$question" ] && [ -n "$ask" ]; then
  printf 'answer '
  { errors=$({ { timeout -k 5 ${QUESTION_SECONDS} sh -c "$question" </dev/null; printf '\\n%s' "$?"; } | in_base64 >&3; } 2>&1); } 3>&1
  printf ' %s\\n' "$(printf %s "$errors" | in_base64)"
fi
printf 'known %s\\n' "$now"
if [ "$now" != "$known" ]; then
  for file in "$small"/*; do
    name=\${file##*/}
    case $name in *[!A-Za-z0-9._-]*) continue ;; esac
    case $name in ${wanted.join(' | ')}) ;; *) continue ;; esac
    [ -f "$file" ] && [ ! -L "$file" ] || continue
    printf 'small %s %s\\n' "$name" "$(head -c ${MOST_BYTES} -- "$file" | in_base64)"
  done
fi
${hasReceipts ? RECEIPTS_NEWS : ''}
if [ -n "$beside" ]; then
  [ "$(size "$beside")" -ge "$from" ] || from=0
  set -- "$@" "$beside" "$from"
fi
while [ $# -gt 1 ]; do
  if [ "$(size "$1")" -gt "$2" ]; then
    printf 'grown %s %s %s\\n' "$2" "$(printf %s "$1" | in_base64)" "$(tail -c +$(($2 + 1)) -- "$1" | head -c ${MOST_BYTES} | in_base64)"
  fi
  shift 2
done
`;

export function lookArgv(order: LookOrder): readonly string[] {
  const { folder, small, wanted, known, growing, beside, receipts, waitSeconds, calmSeconds, question } = order;
  if (wanted.some((pattern) => !/^[A-Za-z0-9._*-]+$/.test(pattern))) throw new Error('not a pattern of names');
  return [
    'sh',
    '-c',
    program(wanted, receipts !== null),
    'sh',
    folder,
    small,
    known,
    String(calmSeconds),
    question === null ? '' : quoteArgv(question.argv),
    String(Math.ceil(question?.afterSeconds ?? 0)),
    question?.with ?? '',
    beside?.path ?? '',
    String(beside?.offset ?? 0),
    ...(receipts === null ? [] : [receipts.folder, receipts.stamp, String(receipts.calmSeconds)]),
    String(waitSeconds),
    ...growing.flatMap(({ path, offset }) => [path, String(offset)]),
  ];
}

export function parseLook(text: string): FarLook {
  let known = '';
  const small = new Map<string, Buffer>();
  const grown: FarLook['grown'][number][] = [];
  let answer: FarLook['answer'] = null;
  const words = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [word = '', first = '', second = '', third = ''] = line.split(' ');
    words.set(word, first);
    if (word === 'known') known = first;
    // The name becomes a file name here.
    if (word === 'small' && /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(first))
      small.set(first, Buffer.from(second, 'base64'));
    if (word === 'answer') answer = answerOf(first, second);
    if (word === 'grown')
      grown.push({
        path: Buffer.from(second, 'base64').toString('utf8'),
        offset: Number(first),
        bytes: Buffer.from(third, 'base64'),
      });
  }
  return { known, small: small.size === 0 ? null : small, grown, receipts: parseReceipts(words), answer };
}

/** Without output there was no answer: an empty answer would mean that the job is gone. */
function answerOf(printed: string, errors: string): Omit<Answer, 'argv'> {
  return parseAnswer(printed, errors) ?? { exitCode: null, timedOut: false, stdout: '', stderr: '' };
}
