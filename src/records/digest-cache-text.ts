import { sha256 } from '../platform/ids.ts';

/** The digest cache's file: a line with its version and the SHA-256 of the rest, then one line per file. Pure. */
const VERSION = 'autolab-digests 1';

export interface CachedDigest {
  readonly sha256: string;
  readonly executable: boolean;
  /** Git's object id; null if it has not been asked for. */
  readonly blob: string | null;
}

/** By `FileStamp.key`; values are parsed when they are used. */
export type CachedLines = ReadonlyMap<string, string>;

export function formatCache(lines: CachedLines): string {
  let rest = '';
  for (const [key, value] of lines) rest += `${key} ${value}\n`;
  return `${VERSION} ${sha256(rest)}\n${rest}`;
}

/** Empty if the text is damaged, cut, or of another version: then everything is digested again. */
export function parseCache(text: string): CachedLines {
  const lines = new Map<string, string>();
  const end = text.indexOf('\n');
  const rest = text.slice(end + 1);
  if (end === -1 || text.slice(0, end) !== `${VERSION} ${sha256(rest)}`) return lines;
  for (let from = 0; from < rest.length;) {
    const space = rest.indexOf(' ', from);
    const to = rest.indexOf('\n', from);
    lines.set(rest.slice(from, space), rest.slice(space + 1, to));
    from = to + 1;
  }
  return lines;
}

export function formatDigest({ sha256, executable, blob }: CachedDigest): string {
  return `${executable ? 'x' : '-'} ${sha256} ${blob ?? '-'}`;
}

export function parseDigest(value: string): CachedDigest {
  const [mode, sha256 = '', blob = '-'] = value.split(' ');
  return { sha256, executable: mode === 'x', blob: blob === '-' ? null : blob };
}
