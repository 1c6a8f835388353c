import { IN_BASE64 } from './far-program.ts';

/**
 * Small operations on the files of another host: each is a program for a POSIX shell with GNU coreutils and findutils,
 * and the parser of its output. Pure.
 */

/**
 * Makes a file that only one caller can make: the content comes on standard input and is linked into place. Prints
 * `mine` or `taken`.
 */
export function placeOnceArgv(path: string): readonly string[] {
  return [
    'sh',
    '-c',
    `umask 077
temporary="$1.$(hostname).$$.tmp"
trap 'rm -f -- "$temporary"' EXIT
cat > "$temporary" || exit 1
ln -- "$temporary" "$1" 2>/dev/null
if [ "$temporary" -ef "$1" ]; then echo mine; elif [ -e "$1" ]; then echo taken; else exit 1; fi`,
    'sh',
    path,
  ];
}

/**
 * Makes files in a folder, each unless it is there: a line of standard input is a name, which has no blank, and the text of
 * that file, which is one line.
 */
export function placeLinesArgv(folder: string): readonly string[] {
  return [
    'sh',
    '-c',
    `umask 077
cd -- "$1" || exit 1
temporary=".place.$(hostname).$$.tmp"
trap 'rm -f -- "$temporary"' EXIT
while IFS=' ' read -r name text; do
  printf '%s\\n' "$text" > "$temporary" || exit 1
  ln -- "$temporary" "$name" 2>/dev/null || [ -e "$name" ] || exit 1
  rm -f -- "$temporary"
done`,
    'sh',
    folder,
  ];
}

/** Prints the size of a file, and a part of it in base64; 0 if there is none. */
export function partArgv(path: string, offset: number, most: number): readonly string[] {
  return [
    'sh',
    '-c',
    `${IN_BASE64}
[ -e "$1" ] || { echo 0; exit 0; }
stat -L -c %s -- "$1" && tail -c +"$2" -- "$1" | head -c "$3" | in_base64`,
    'sh',
    path,
    String(offset + 1),
    String(most),
  ];
}

/** Null if that is no answer. */
export function parsePart(text: string): { readonly size: number; readonly bytes: Buffer } | null {
  const [, size, base64 = ''] = /^(\d+)\n([A-Za-z0-9+/=]*)$/.exec(text) ?? [];
  return size === undefined ? null : { size: Number(size), bytes: Buffer.from(base64, 'base64') };
}

export interface ReceiptedCommand {
  /** Absolute, on the remote host. The receipts are `<receipt>.begun`, `.out`, `.err` and, last, `.status`. */
  readonly receipt: string;
  /** Folders to make first. */
  readonly folders: readonly string[];
  readonly seconds: number;
  readonly argv: readonly string[];
}

/**
 * Runs a command whose answer must survive a lost connection: the output goes into files on the remote host first and
 * is sent afterwards. `timeout` bounds the command on the remote host, too.
 */
export function receiptedArgv({ receipt, folders, seconds, argv }: ReceiptedCommand): readonly string[] {
  return [
    'sh',
    '-c',
    `trap '' HUP
receipt=$1 seconds=$2 folders=$3; shift 3
while [ "$folders" -gt 0 ]; do mkdir -p -- "$1" || exit 125; shift; folders=$((folders - 1)); done
put() { cat > "$receipt.$1.tmp" && mv -f -- "$receipt.$1.tmp" "$receipt.$1"; }
printf '%s %s %s\\n' "$(hostname)" "$$" "$(date +%s)" | put begun || exit 125
timeout -k 5 "$seconds" "$@" > "$receipt.out" 2> "$receipt.err" < /dev/null
status=$?
printf '%s\\n' "$status" | put status
cat -- "$receipt.out"; cat -- "$receipt.err" >&2
exit "$status"`,
    'sh',
    receipt,
    String(seconds),
    String(folders.length),
    ...folders,
    ...argv,
  ];
}

/** Where its answer is. */
export function answerFileOf(receipt: string): string {
  return `${receipt}.out`;
}

/** Exit status of a command with receipts that was not started. */
export const NOT_STARTED = 125;

/** Kills this user's processes on that host that have `word` as an argument, except shells. Prints their number. */
export function endProcessesArgv(word: string): readonly string[] {
  return [
    'sh',
    '-c',
    `count=0
for file in $(grep -lzFx -e "$1" /proc/[0-9]*/cmdline 2>/dev/null); do
  id=\${file#/proc/}; id=\${id%/cmdline}
  [ -O "$file" ] && [ "$id" != "$$" ] && ! head -c 3 "$file" 2>/dev/null | grep -qzFx sh || continue
  kill -KILL "$id" 2>/dev/null && count=$((count + 1))
done
echo "$count"`,
    'sh',
    word,
  ];
}

export interface GatherOrder {
  /** The source: absolute, on the remote host. */
  readonly from: string;
  /** Relative to the run folder: the target of a folder's content, and the target of a file. */
  readonly toFolder: string;
  readonly toFile: string;
}

/** Copies into a folder on the remote host; links stay links. */
export function gatherArgv(folder: string, orders: readonly GatherOrder[]): readonly string[] {
  return [
    'sh',
    '-c',
    `cd -- "$1" || exit 1; shift
failed() { printf %s "$1" | awk 'BEGIN { printf "failed" } { printf " %s", $0 } END { print "" }'; }
while [ $# -gt 2 ]; do
  if [ -d "$1" ]; then words=$(mkdir -p -- "$2" 2>&1 && cp -RPp -- "$1/." "$2/" 2>&1) && echo done || failed "$words"
  elif [ -e "$1" ] || [ -L "$1" ]; then
    case $3 in */*) mkdir -p -- "\${3%/*}" ;; esac
    words=$(cp -Pp -- "$1" "$3" 2>&1) && echo done || failed "$words"
  else echo missing; fi
  shift 3
done`,
    'sh',
    folder,
    ...orders.flatMap(({ from, toFolder, toFile }) => [from, toFolder, toFile]),
  ];
}

export type Gathered = { readonly kind: 'done' | 'missing' } | { readonly kind: 'failed'; readonly words: string };

/** One result per order, in the same sequence. */
export function parseGathered(text: string): readonly Gathered[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Gathered => {
      if (line === 'done' || line === 'missing') return { kind: line };
      return { kind: 'failed', words: line.replace(/^failed /, '').trim() };
    });
}
