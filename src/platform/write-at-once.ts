import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Output without Node's streams, which take longer to make than a short command takes. */

/** Returns what is left for the stream: all of it, unless this is a file, a pipe or /dev/null. Never waits for a reader. */
export function writeAtOnce(descriptor: number, text: string | Uint8Array): Uint8Array {
  let left: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
  try {
    const stats = fstatSync(descriptor);
    if (isNull(stats)) return left.subarray(left.length);
    if (stats.isFile()) left = writtenTo(descriptor, left);
    else if (stats.isFIFO()) left = writtenToPipe(descriptor, left);
  } catch {
    // Closed; or a pipe of another user, or one without a reader.
  }
  return left;
}

/** The stream knows, but takes long to make: it is asked only about what may be a terminal. */
export function mayBeTerminal(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isCharacterDevice() && !isNull(stats);
  } catch {
    return false;
  }
}

/** Of a description of its own, a pipe can be told not to wait; others that have it see no difference. */
function writtenToPipe(descriptor: number, bytes: Uint8Array): Uint8Array {
  const own = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return writtenTo(own, bytes);
  } finally {
    closeSync(own);
  }
}

function writtenTo(descriptor: number, bytes: Uint8Array): Uint8Array {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
  } catch {
    // A full disk, a full pipe, a pipe without a reader: the stream handles it.
  }
  return bytes.subarray(at);
}

/** /dev/null, of which devices.txt of the kernel says 1, 3. */
function isNull({ rdev }: { readonly rdev: number }): boolean {
  return rdev === 0x103;
}
