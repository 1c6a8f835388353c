import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readlinkSync, readSync } from 'node:fs';
import { errorCodeOf, messageOf } from './files.ts';

/** The door for digesting a file's content. Facts only: what became of the file is for the caller to judge. */
export type FileFact =
  | { readonly kind: 'file'; readonly sha256: string; readonly bytes: number }
  /** Never followed: the digest and bytes are of the link's own text. */
  | { readonly kind: 'symlink'; readonly sha256: string; readonly bytes: number; readonly target: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'changed'; readonly expected: number; readonly found: number }
  | { readonly kind: 'not_a_file' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Larger than the caller wanted to read in one go; nothing was read. */
  | { readonly kind: 'large'; readonly bytes: number };

/** Up to this size a file is read in one go. */
export const SMALL_FILE_BYTES = 1024 * 1024;
/** Of each of the two buffers that a large file is read through. */
const CHUNK_BYTES = 2 * 1024 * 1024;

// O_NONBLOCK: a named pipe must not make us wait for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

// One byte more than the limit, so that a file that grew meanwhile shows.
let smallBuffer: Buffer | null = null;

/** Digests a file of up to SMALL_FILE_BYTES, blocking. Four system calls, because there may be 100,000 of them. */
export function digestSmallFile(path: string): FileFact {
  return withFile(path, (handle, bytes) => {
    if (bytes > SMALL_FILE_BYTES) return { kind: 'large', bytes };
    smallBuffer ??= Buffer.allocUnsafeSlow(SMALL_FILE_BYTES + 1);
    const found = readSync(handle, smallBuffer, 0, smallBuffer.length, 0);
    if (found !== bytes) return { kind: 'changed', expected: bytes, found };
    return { kind: 'file', sha256: hash('sha256', smallBuffer.subarray(0, found)), bytes };
  });
}

/** Digests a file of any size with two buffers: one is filled by the system while the other is hashed. */
export async function digestLargeFile(path: string): Promise<FileFact> {
  const opened = openForDigest(path);
  if (typeof opened !== 'number') return opened;
  try {
    const stats = fstatSync(opened);
    if (!stats.isFile()) return { kind: 'not_a_file' };
    const hasher = createHash('sha256');
    let current = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let next = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let found = 0;
    let count = await readChunk(opened, current, 0);
    // Past the size that it had at first there is nothing more to learn: a log that goes on growing would have no end.
    while (count > 0 && found <= stats.size) {
      found += count;
      const pending = readChunk(opened, next, found);
      hasher.update(current.subarray(0, count));
      [current, next] = [next, current];
      count = await pending;
    }
    if (found !== stats.size) return { kind: 'changed', expected: stats.size, found };
    return { kind: 'file', sha256: hasher.digest('hex'), bytes: found };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(opened);
  }
}

function withFile(path: string, use: (handle: number, bytes: number) => FileFact): FileFact {
  const opened = openForDigest(path);
  if (typeof opened !== 'number') return opened;
  try {
    const stats = fstatSync(opened);
    return stats.isFile() ? use(opened, stats.size) : { kind: 'not_a_file' };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(opened);
  }
}

function openForDigest(path: string): number | FileFact {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'ENXIO') return { kind: 'not_a_file' };
    return code === 'ELOOP' ? digestLink(path) : { kind: 'unreadable', reason: messageOf(error) };
  }
}

function digestLink(path: string): FileFact {
  try {
    const target = readlinkSync(path, 'buffer');
    return { kind: 'symlink', sha256: hash('sha256', target), bytes: target.length, target: target.toString('utf8') };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  }
}

/** Bytes read; 0 at the end. */
function readChunk(handle: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(handle, buffer, 0, buffer.length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}
