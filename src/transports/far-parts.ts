import type { EnvironmentChange } from '../platform/environment.ts';
import { noResult, withoutOwnSecrets } from '../platform/process.ts';
import { environmentProgram, FIND_PROGRAM, IN_BASE64, inQuotes } from './far-program.ts';
import type { TransportResult } from './transport.ts';

/**
 * Several commands of another host in one call, one after the other. Pure: a program for a POSIX shell with GNU coreutils,
 * and the parser of its output. Each answer is a line of its own in base64, so that no output can be mistaken for another one.
 */
export interface FarPart {
  readonly argv: readonly string[];
  readonly environment: EnvironmentChange | null;
  /** The other host ends it after this time. */
  readonly seconds: number;
}

/** In front of the kernel's word for a command that could not be started; base64 has no such character. */
const NOT_STARTED = '!';
const END = 'end of the parts';
/** Exit status of `timeout` for a command that it ended. */
const ENDED_BY_TIMEOUT = 124;

const PART = `
${IN_BASE64}
part() {
  part_seconds=$1; shift
  printf 'part %s ' "$(date +%s%N)"
  autolab_why=ENOENT; part_errors=
  if ! autolab_find "$1"; then printf '${NOT_STARTED}%s' "$autolab_why"
  else
    if autolab_find timeout; then set -- timeout -k 5 "$part_seconds" "$@"; fi
    { part_errors=$({ { "$@" </dev/null; printf '\\n%s' "$?"; } | in_base64 >&3; } 2>&1; printf .); } 3>&1
    part_errors=\${part_errors%.}
  fi
  printf ' %s %s\\n' "$(printf %s "$part_errors" | in_base64)" "$(date +%s%N)"
}`;

export function partsArgv(parts: readonly FarPart[]): readonly string[] {
  const calls = parts.map(({ argv, environment, seconds }) => {
    const prepared = environment === null ? '' : `${environmentProgram(environment)}\n`;
    return `(\n${prepared}part ${seconds} ${argv.map(inQuotes).join(' ')}\n)`;
  });
  return ['sh', '-c', `${FIND_PROGRAM}${PART}\n${calls.join('\n')}\nprintf '${END}\\n'`];
}

/**
 * The answers to the parts, in the same sequence. Half an answer is none: if the call broke, was ended, or printed more than
 * was kept, no part counts as answered, whatever arrived.
 */
export function parseParts(all: TransportResult, parts: readonly FarPart[]): readonly TransportResult[] {
  const lines = all.stdout.split('\n').filter((line) => line !== '');
  const isWhole = all.lost === null && !all.timedOut && !all.truncated && all.exitCode === 0 && lines.at(-1) === END;
  return parts.map(({ argv }, index) => {
    const answer = isWhole && lines.length === parts.length + 1 ? answerIn(lines[index] ?? '', argv) : null;
    return answer ?? withoutAnswer(all, argv);
  });
}

/** What became of the call is what became of each of its parts. */
function withoutAnswer(all: TransportResult, argv: readonly string[]): TransportResult {
  const { lost, durationMs, truncated, spawnError } = all;
  const words = lost?.words ?? (all.stderr.trim() || 'its answer did not arrive');
  return { ...noResult(argv, words, durationMs), timedOut: spawnError === null, spawnError, truncated, lost };
}

/** Null if that is no answer. */
function answerIn(line: string, argv: readonly string[]): TransportResult | null {
  const [word, began = '', printed = '', errors = '', ended = ''] = line.split(' ');
  if (word !== 'part') return null;
  const same = { argv, signal: null, truncated: false, durationMs: millisecondsBetween(began, ended), lost: null };
  if (printed.startsWith(NOT_STARTED)) {
    const spawnError = printed.slice(NOT_STARTED.length);
    return { ...same, exitCode: null, timedOut: false, spawnError, stdout: '', stderr: '' };
  }
  const answer = parseAnswer(printed, errors);
  return answer === null ? null : { ...same, ...answer, spawnError: null, stderr: withoutOwnSecrets(answer.stderr) };
}

/** Without GNU's `date` the nanoseconds are a letter. */
function millisecondsBetween(began: string, ended: string): number {
  const passed = (Number(ended) - Number(began)) / 1e6;
  return Number.isFinite(passed) ? Math.max(0, Math.round(passed)) : 0;
}

interface PrintedAnswer {
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The last line of the output is the exit status; null without one. */
export function parseAnswer(printed: string, errors: string): PrintedAnswer | null {
  const text = Buffer.from(printed, 'base64').toString('utf8');
  const end = text.lastIndexOf('\n');
  const status = text.slice(end + 1);
  if (end < 0 || !/^\d{1,3}$/.test(status)) return null;
  const exitCode = Number(status);
  const stderr = Buffer.from(errors, 'base64').toString('utf8');
  return { exitCode, timedOut: exitCode === ENDED_BY_TIMEOUT, stdout: text.slice(0, end), stderr };
}
