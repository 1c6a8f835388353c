import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCodeOf, messageOf } from './files.ts';

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

/** Reads a text document whole, within a bound; never hangs on a pipe or device. `sha256` is of the raw bytes. */
export function readDocument(path: string, limit: number): DocumentRead {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'ENXIO') return { kind: 'not_a_file', what: 'a socket or pipe' };
    return { kind: 'unreadable', reason: messageOf(error) };
  }
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) return { kind: 'not_a_file', what: kindOf(stats) };
    if (stats.size > limit) return { kind: 'too_large', bytes: stats.size, limit };
    // Some files have no size and no end: those of /proc, and those that are still written to.
    const bytes = readAtMost(handle, limit + 1);
    if (bytes.length > limit) return { kind: 'too_large', bytes: bytes.length, limit };
    const nul = bytes.indexOf(0);
    if (nul >= 0) return { kind: 'binary', offset: nul };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return { kind: 'binary', offset: firstInvalidUtf8(bytes) };
    }
    const bom = text.startsWith('\uFEFF');
    return {
      kind: 'text',
      text: bom ? text.slice(1) : text,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      bom,
    };
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) };
  } finally {
    closeSync(handle);
  }
}

const CHUNK = 64 * 1024;

/** The first bytes of an open file. */
function readAtMost(handle: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  let left = Math.min(most, Math.max(CHUNK, fstatSync(handle).size + 1));
  for (let total = 0; total < most; left = Math.min(CHUNK, most - total)) {
    const chunk = Buffer.allocUnsafe(left);
    const count = readSync(handle, chunk, 0, left, null);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** The offset where decoding fails: up to there the replaced text and the bytes agree. */
function firstInvalidUtf8(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8');
  for (let index = 0; index < bytes.length; index += 1) if (again[index] !== bytes[index]) return index;
  return bytes.length;
}
