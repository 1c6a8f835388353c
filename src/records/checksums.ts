import type { Parsed, Problem } from '../errors/problem.ts';
import { sortBytewise } from './byte-order.ts';

/** `artifacts.sha256` and `code.sha256`: what `sha256sum -c` reads. Pure. */

export interface ChecksumEntry {
  /** Relative, with `/`; any characters but NUL. */
  readonly path: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /**
   * `symlink`: the digest is of the link's own text. `sha256sum -c` would follow the link, so such entries are written
   * as comments, which it passes over and we read. Left out means `file`.
   */
  readonly kind?: 'file' | 'symlink';
}

const SYMLINK = '# symlink ';
const LINE = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s;

/** One line an entry, sorted bytewise by path: files first, then symbolic links. `comments` come first, each its own line. */
export function formatChecksums(entries: readonly ChecksumEntry[], comments: readonly string[] = []): string {
  const sorted = sortBytewise(entries, (entry) => entry.path);
  const files = sorted.filter((entry) => entry.kind !== 'symlink').map(formatLine);
  const links = sorted.filter((entry) => entry.kind === 'symlink').map((entry) => SYMLINK + formatLine(entry));
  const head = comments.map((comment) => `# ${comment.replaceAll(/[\r\n]/g, ' ')}`);
  return [...head, ...files, ...links].map((line) => `${line}\n`).join('');
}

function formatLine({ path, sha256 }: ChecksumEntry): string {
  // `-` alone would be standard input to sha256sum.
  const name = path === '-' ? './-' : path;
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}`;
}

/**
 * Reads the format strictly: every line an entry or a comment (`#`), every line ended, no path twice. Lines with
 * problems are left out of the value; the value is null if there is any problem, so that half a list is never trusted.
 */
export function parseChecksums(text: string, file: string): Parsed<readonly ChecksumEntry[]> {
  const entries: ChecksumEntry[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let number = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? undefined : end);
    start = end < 0 ? text.length : end + 1;
    number += 1;
    const entry = parseLine(line);
    if (end < 0)
      problems.push(problem(file, number, `the last line is cut short: ${JSON.stringify(line.slice(0, 100))}`));
    else if (typeof entry === 'string') problems.push(problem(file, number, entry));
    else if (entry !== null && seen.has(entry.path))
      problems.push(problem(file, number, `${JSON.stringify(entry.path)} is listed twice`));
    else if (entry !== null) {
      seen.add(entry.path);
      entries.push(entry);
    }
  }
  return { value: problems.length === 0 ? entries : null, problems };
}

function parseLine(line: string): ChecksumEntry | null | string {
  const comment = line.startsWith('#');
  const kind = comment ? 'symlink' : 'file';
  const match = LINE.exec(comment && line.startsWith(SYMLINK) ? line.slice(SYMLINK.length) : line);
  if (match === null && comment) return null;
  if (match === null)
    return `not a checksum line: ${JSON.stringify(line.slice(0, 100))}; expected 64 hex digits, two spaces, a path`;
  const [, mark, sha256 = '', written = ''] = match;
  const name = mark === '\\' ? unescapeName(written) : written;
  if (name === null) return `unknown escape in ${JSON.stringify(written)}; sha256sum knows \\\\, \\n and \\r`;
  return { path: name === './-' ? '-' : name, sha256, kind };
}

function unescapeName(written: string): string | null {
  if (/\\(?![\\nr])/.test(written.replaceAll('\\\\', ''))) return null;
  return written.replaceAll(/\\([\\nr])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\',
  );
}

function problem(file: string, line: number, message: string): Problem {
  return { file, line, column: 1, pointer: null, code: 'file.syntax', severity: 'error', message };
}
