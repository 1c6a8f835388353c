import { createHash } from 'node:crypto';
import { SUMS_BELOW } from './far-digests.ts';

/**
 * The content of a folder on another host, with sizes and digests. Pure: programs for a POSIX shell with GNU find and
 * coreutils, and the parser of their output.
 */
export interface FarEntry {
  /** Relative to the folder. */
  readonly path: string;
  readonly kind: 'file' | 'symlink';
  readonly bytes: number;
  /** By this account, according to the file's mode. */
  readonly readable: boolean;
  /** As `find` prints it: seconds since 1970. Only compared, never used in arithmetic. */
  readonly modified: string;
  /** For a link, the digest of its target's text. For a file, null if it was not digested. */
  readonly sha256: string | null;
}

export interface FarListing {
  readonly entries: readonly FarEntry[];
  /** Entries that cannot be sent here although they may hold data: names that are not UTF-8, unreadable files. */
  readonly problems: readonly string[];
  /** Pipes, sockets and devices: they hold no data to copy. */
  readonly odd: readonly string[];
  /** The files were digested, as far as they could be read. */
  readonly isDigested: boolean;
}

const END = 'end of the list';
const DIGESTS = 'digests';
/** Digesting so much takes less time than asking for it. */
const SMALL_BYTES = 4 * 1024 * 1024;
const SMALL_FILES = 1000;

// Two parts: all entries, with NUL between the fields and after the last one; then, if it is wanted, lines of sha256sum.
// The type `u` marks a file that may not be read.
const ENTRIES = (from: string, path: string): string =>
  `find ${from} -mindepth 1 ! -type d \\( -type f ! -readable -printf u -o -printf %y \\) -printf '\\0%s\\0%T@\\0${path}\\0%l\\0'`;
const PROGRAM = `cd -- "$1" || exit 1
${ENTRIES('.', '%P')} || exit 1
printf '${END}\\0'
small() { find . -mindepth 1 -type f -printf '%s\\n' 2>/dev/null | awk '{ bytes += $1 } END { exit NR > ${SMALL_FILES} || bytes > ${SMALL_BYTES} }'; }
[ "$2" != if_small ] || small || exit 0
[ "$2" != no ] || exit 0
printf '${DIGESTS}\\0'
${SUMS_BELOW}`;

/** `if_small`: only if that is not worth a round trip of its own. */
export function listArgv(folder: string, digests: 'no' | 'yes' | 'if_small'): readonly string[] {
  return ['sh', '-c', PROGRAM, 'sh', folder, digests];
}

const FOLDERS_PROGRAM = `cd -- "$1" || exit 1
shift
${ENTRIES('"$@"', '%H/%P')}
printf '${END}\\0'`;

/** What is in some folders below it, without digests: those that are missing stand among the problems. At least one. */
export function listFoldersArgv(folder: string, below: readonly string[]): readonly string[] {
  return ['sh', '-c', FOLDERS_PROGRAM, 'sh', folder, ...below];
}

const MOST_PROBLEMS = 20;
const LONGEST_PROBLEM = 1000;

/** Returns null if the answer was cut short. */
export function parseList(answer: Buffer, stderr: string): FarListing | null {
  const mark = answer.indexOf(Buffer.from(`${END}\0`));
  if (mark < 0) return null;
  const fields = splitNul(answer.subarray(0, mark));
  const rest = answer.subarray(mark + END.length + 1);
  const isDigested = rest.subarray(0, DIGESTS.length).equals(Buffer.from(DIGESTS));
  const digests = parseSums(rest.subarray(isDigested ? DIGESTS.length + 1 : 0).toString('utf8'));
  const entries: FarEntry[] = [];
  const odd: string[] = [];
  const problems: string[] = [];
  const complain = (words: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(words);
  };
  for (const line of stderr.split('\n')) if (line !== '') complain(line.slice(0, LONGEST_PROBLEM));
  for (let at = 0; at + 5 <= fields.length; at += 5) {
    const [type, size, modified, name, target] = fields.slice(at, at + 5) as [Buffer, Buffer, Buffer, Buffer, Buffer];
    const path = name.toString('utf8');
    if (!Buffer.from(path, 'utf8').equals(name)) {
      complain(`${path}: the name is not UTF-8 (its bytes: ${name.toString('hex')}); rename it`);
      continue;
    }
    // `find` never prints such a path, and everything written here is written below the run's folder.
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      complain(`${path}: not a path below the folder`);
      continue;
    }
    const kind = type.toString('latin1');
    if (!['f', 'u', 'l'].includes(kind)) {
      odd.push(path);
      continue;
    }
    entries.push({
      path,
      kind: kind === 'l' ? 'symlink' : 'file',
      readable: kind !== 'u',
      bytes: Number.parseInt(size.toString('latin1'), 10) || 0,
      modified: modified.toString('latin1'),
      sha256: kind === 'l' ? createHash('sha256').update(target).digest('hex') : (digests.get(path) ?? null),
    });
  }
  return { entries, problems, odd, isDigested };
}

function splitNul(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    if (end < 0) break;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

const LINE = /^(\\?)([0-9a-f]{64}) [ *]\.\/(.*)$/;

/** sha256sum writes a backslash at the start of a line if it had to escape the name. */
function parseSums(text: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, mark, digest = '', written = ''] = match;
    const path =
      mark === ''
        ? written
        : written.replaceAll(/\\([\\nr])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\');
    digests.set(path, digest);
  }
  return digests;
}
