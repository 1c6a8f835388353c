import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCodeOf, messageOf } from './files.ts';
import { sha256 } from './ids.ts';

/**
 * The door for reading documents that users write: whatever is at the path, it gives a clear answer in bounded time.
 */

/** The result of reading a document: its text, or why there is none. */
export type DocumentRead =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly sha256: string;
      readonly bytes: number;
      readonly bom: boolean;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not_a_file'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'too_large'; readonly bytes: number; readonly limit: number }
  | { readonly kind: 'binary'; readonly offset: number };

function kindOf(stats: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Whether a symbolic link in the place of the document leads to it. */
export type Links = 'followed' | 'refused';

/** Reads a text document whole, within a bound; never hangs on a pipe or device. `sha256` is of the raw bytes. */
export function readDocument(path: string, limit: number, links: Links = 'followed'): DocumentRead {
  let handle: number;
  try {
    const follow = links === 'followed' ? 0 : constants.O_NOFOLLOW;
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | follow);
  } catch (error) {
    return whyNotOpened(error, links);
  }
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) return { kind: 'not_a_file', what: kindOf(stats) };
    if (stats.size > limit) return { kind: 'too_large', bytes: stats.size, limit };
    const bytes = readAtMost(handle, stats.size, limit + 1);
    if (bytes.length > limit) return { kind: 'too_large', bytes: bytes.length, limit };
    if (bytes.includes(0)) return { kind: 'binary', offset: bytes.indexOf(0) };
    if (!isUtf8(bytes)) return { kind: 'binary', offset: firstInvalidUtf8(bytes) };
    const text = bytes.toString('utf8');
    const bom = text.startsWith('\uFEFF');
    return {
      kind: 'text',
      text: bom ? text.slice(1) : text,
      sha256: sha256(bytes),
      bytes: bytes.length,
      bom,
    };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(handle);
  }
}

function whyNotOpened(error: unknown, links: Links): DocumentRead {
  const code = errorCodeOf(error);
  if (code === 'ELOOP' && links === 'refused') return { kind: 'not_a_file', what: 'a symbolic link' };
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
  if (code === 'ENXIO') return { kind: 'not_a_file', what: 'a socket or pipe' };
  return { kind: 'unreadable', reason: messageOf(error) };
}

const CHUNK = 64 * 1024;

/** The first bytes of an open file of this size. Those of /proc have no size, and some have no end. */
function readAtMost(handle: number, size: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  let left = Math.min(most, size === 0 ? CHUNK : size);
  for (let total = 0; total < most; left = Math.min(CHUNK, most - total)) {
    const chunk = Buffer.allocUnsafe(left);
    const count = readSync(handle, chunk, 0, left, null);
    if (count === 0) break;
    chunks.push(count === left ? chunk : chunk.subarray(0, count));
    total += count;
    // What is added meanwhile is not part of it.
    if (total === size) break;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** The offset where decoding fails: up to there the replaced text and the bytes agree. */
function firstInvalidUtf8(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8');
  for (let index = 0; index < bytes.length; index += 1) if (again[index] !== bytes[index]) return index;
  return bytes.length;
}
