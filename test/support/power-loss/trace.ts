/**
 * What strace wrote, line by line. It is called with `-f -y -xx`: every string and path is in hexadecimal, so that commas,
 * quotes and brackets of a line are strace's own.
 */

/** Calls that change files, flush them, or say where a process works. Others of them that change a file are refused. */
export const TRACED = [
  'chdir fchdir clone clone3 fork vfork',
  'open openat openat2 creat write writev pwrite64 pwritev pwritev2 truncate ftruncate fallocate',
  'copy_file_range sendfile splice io_uring_enter chmod fchmod fchmodat',
  'rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir mknod mknodat',
  'fsync fdatasync sync syncfs sync_file_range msync',
]
  .join(' ')
  .split(' ');

/** A call that did not fail. */
export interface Call {
  readonly pid: number;
  readonly name: string;
  readonly words: readonly string[];
  /** `?` if its process was killed in it: it may have done its work, or not. */
  readonly result: string;
  /** How many calls had returned when it began. */
  readonly begun: number;
}

/** The bytes of strings in hexadecimal; of a list of pieces, all of them. */
export function bytesOf(word: string): Buffer {
  const strings = [...word.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)];
  if (strings.some(([, , cut]) => cut !== undefined)) throw new Error('strace cut a string');
  return Buffer.from(strings.map(([, hex = '']) => hex.replaceAll('\\x', '')).join(''), 'hex');
}

/** The path that strace tells of a file descriptor, and whether the file has no name any more. */
export function pathOfDescriptor(word: string): { readonly path: string; readonly removed: boolean } {
  const [, hex = '', after = ''] = /^(?:-?\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?/.exec(word) ?? [];
  const path = Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('utf8');
  const suffix = ' (deleted)';
  if (path.endsWith(suffix)) return { path: path.slice(0, -suffix.length), removed: true };
  return { path, removed: after !== '' };
}

const OPENING = '([{';
const CLOSING = ')]}';

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let depth = 0;
  let begun = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (OPENING.includes(letter)) depth += 1;
    else if (CLOSING.includes(letter)) depth -= 1;
    else if (letter === ',' && depth === 0) {
      words.push(text.slice(begun, at).trim());
      begun = at + 1;
    }
  }
  return [...words, text.slice(begun).trim()];
}

/** A line with what was written of its call before other lines came. */
function wholeOf(line: string, before: string | undefined): string {
  if (before === undefined) return line;
  if (/^\+\+\+ /.test(line)) return `${before}) = ?`;
  return before + line.replace(/^<\.\.\. \w+ resumed>/, '').replace(/^ <unfinished \.\.\.>/, '');
}

/** The calls of a record, in the order in which they returned. */
export function callsOf(text: string): readonly Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<number, { readonly head: string; readonly begun: number }>();
  for (const line of text.split('\n')) {
    const [, pidText = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const pid = Number(pidText);
    const waiting = / <unfinished \.\.\.>$/.exec(rest);
    if (waiting !== null) {
      unfinished.set(pid, { head: rest.slice(0, waiting.index), begun: calls.length });
      continue;
    }
    const before = unfinished.get(pid);
    unfinished.delete(pid);
    const whole = wholeOf(rest, before?.head);
    const [, name = '', inner = '', result = ''] = /^(\w+)\((.*)\)\s+= (\S+)/.exec(whole) ?? [];
    if (name === '' || result.startsWith('-1')) continue;
    calls.push({ pid, name, words: wordsOf(inner), result, begun: before?.begun ?? calls.length });
  }
  return calls;
}
