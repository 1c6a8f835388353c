import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readlinkSync, readSync } from 'node:fs';
import { type FileStamp, isAsStamped, stampOf } from './file-stamp.ts';
import { errorCodeOf, messageOf } from './files.ts';

/** The door for digesting file contents. It returns facts; the caller judges them. */
export type FileFact =
  | (FileDigest & {
      /** Only if asked for, and only if a regular file had the same stamp before and after it was read. */
      readonly stamp?: FileStamp;
    })
  | { readonly kind: 'missing' }
  | { readonly kind: 'changed'; readonly expected: number; readonly found: number }
  | { readonly kind: 'not_a_file' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Larger than the caller wanted to read in one go; nothing was read. */
  | { readonly kind: 'large'; readonly bytes: number };

export type FileDigest =
  | {
      readonly kind: 'file';
      readonly sha256: string;
      readonly bytes: number;
      /** The owner's x bit: what git calls mode 100755. */
      readonly executable: boolean;
      /** Git's object id of the bytes, if it was asked for. */
      readonly blob?: string;
    }
  /** Never followed: the digests and bytes are of the link's own text. */
  | {
      readonly kind: 'symlink';
      readonly sha256: string;
      readonly bytes: number;
      readonly target: string;
      readonly blob?: string;
    };

/** The algorithm of a git repository's object ids (`git rev-parse --show-object-format`). */
export type BlobAlgorithm = 'sha1' | 'sha256';

/** What to compute for a file besides its SHA-256. */
export interface DigestWishes {
  /** Git's object id. */
  readonly blob?: BlobAlgorithm | undefined;
  readonly stamp?: boolean | undefined;
}

/** Files up to this size are read in one call. */
export const SMALL_FILE_BYTES = 1024 * 1024;
/** The size of each of the two buffers for a large file. */
const CHUNK_BYTES = 2 * 1024 * 1024;

// O_NONBLOCK: opening a named pipe must not wait for its writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Room for `blob <bytes>\0` before the content, so that git's id needs no copy of it. */
const HEADER_BYTES = 32;
// One byte more than the limit, so that growth of the file shows.
let smallBuffer: Buffer | null = null;

const OWNER_EXECUTES = 0o100;

/** Digests a file of up to SMALL_FILE_BYTES, blocking. Four system calls, because there may be 100,000 of them. */
export function digestSmallFile(path: string, wishes: DigestWishes = {}): FileFact {
  const opened = openForDigest(path, wishes);
  if (typeof opened !== 'number') return opened;
  try {
    const seen = lookAt(opened, wishes);
    if (seen === null) return { kind: 'not_a_file' };
    const { bytes } = seen;
    if (bytes > SMALL_FILE_BYTES) return { kind: 'large', bytes };
    smallBuffer ??= Buffer.allocUnsafeSlow(HEADER_BYTES + SMALL_FILE_BYTES + 1);
    const found = readSync(opened, smallBuffer, HEADER_BYTES, SMALL_FILE_BYTES + 1, 0);
    if (found !== bytes) return { kind: 'changed', expected: bytes, found };
    const sha256 = hash('sha256', smallBuffer.subarray(HEADER_BYTES, HEADER_BYTES + bytes));
    return factOf(
      opened,
      seen,
      sha256,
      wishes.blob === undefined ? null : blobOfBuffer(smallBuffer, bytes, wishes.blob),
    );
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(opened);
  }
}

/** Digests a file of any size with two buffers: the system fills one while the other is hashed. */
export async function digestLargeFile(
  path: string,
  wishes: DigestWishes = {},
  signal?: AbortSignal,
): Promise<FileFact> {
  const opened = openForDigest(path, wishes);
  if (typeof opened !== 'number') return opened;
  try {
    const seen = lookAt(opened, wishes);
    if (seen === null) return { kind: 'not_a_file' };
    const { bytes } = seen;
    const hasher = createHash('sha256');
    const blobHasher = wishes.blob === undefined ? null : createHash(wishes.blob).update(blobHeader(bytes));
    let current = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let next = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let found = 0;
    let count = await readChunk(opened, current, 0);
    // Reading stops at the size that the file had at first: a log that keeps growing has no end.
    while (count > 0 && found <= bytes) {
      found += count;
      const pending = readChunk(opened, next, found);
      hasher.update(current.subarray(0, count));
      blobHasher?.update(current.subarray(0, count));
      [current, next] = [next, current];
      count = await pending;
      if (signal?.aborted === true) return { kind: 'unreadable', reason: 'interrupted' };
    }
    if (found !== bytes) return { kind: 'changed', expected: bytes, found };
    return factOf(opened, seen, hasher.digest('hex'), blobHasher?.digest('hex') ?? null);
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(opened);
  }
}

interface Seen {
  readonly bytes: number;
  readonly executable: boolean;
  readonly stamp: FileStamp | null;
}

/** Null if it is not a regular file. */
function lookAt(handle: number, { stamp }: DigestWishes): Seen | null {
  if (stamp !== true) {
    const stats = fstatSync(handle);
    return stats.isFile() ? { bytes: stats.size, executable: (stats.mode & OWNER_EXECUTES) !== 0, stamp: null } : null;
  }
  const stats = fstatSync(handle, { bigint: true });
  return stats.isFile()
    ? { bytes: Number(stats.size), executable: (Number(stats.mode) & OWNER_EXECUTES) !== 0, stamp: stampOf(stats) }
    : null;
}

function factOf(handle: number, { bytes, executable, stamp }: Seen, sha256: string, blob: string | null): FileFact {
  const fact = { kind: 'file', sha256, bytes, executable, ...(blob === null ? {} : { blob }) } as const;
  const kept = stamp !== null && isAsStamped(fstatSync(handle), stamp);
  return kept ? { ...fact, stamp } : fact;
}

/** The content starts at HEADER_BYTES of the buffer. */
function blobOfBuffer(buffer: Buffer, bytes: number, algorithm: BlobAlgorithm): string {
  const header = blobHeader(bytes);
  const from = HEADER_BYTES - header.length;
  buffer.write(header, from, 'latin1');
  return hash(algorithm, buffer.subarray(from, HEADER_BYTES + bytes));
}

function blobHeader(bytes: number): string {
  return `blob ${bytes}\0`;
}

function openForDigest(path: string, wishes: DigestWishes): number | FileFact {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'ENXIO') return { kind: 'not_a_file' };
    return code === 'ELOOP' ? digestLink(path, wishes) : { kind: 'unreadable', reason: messageOf(error) };
  }
}

function digestLink(path: string, { blob: algorithm }: DigestWishes): FileFact {
  try {
    const text = readlinkSync(path, 'buffer');
    const fact = {
      kind: 'symlink',
      sha256: hash('sha256', text),
      bytes: text.length,
      target: text.toString('utf8'),
    } as const;
    if (algorithm === undefined) return fact;
    return { ...fact, blob: hash(algorithm, Buffer.concat([Buffer.from(blobHeader(text.length)), text])) };
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
