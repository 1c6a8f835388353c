import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { NotAFile } from './files.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * A file that another program wrote, piece by piece; what it adds meanwhile is left out. Other work goes on in between.
 * Throws if there is none, or if that is a link, or no regular file.
 */
export async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) throw new NotAFile(path, 'is not a regular file');
    for (let offset = 0; offset < stats.size;) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, stats.size - offset));
      const count = readSync(handle, piece, 0, piece.length, offset);
      if (count === 0) return;
      yield piece.subarray(0, count);
      offset += count;
      await new Promise(setImmediate);
    }
  } finally {
    closeSync(handle);
  }
}
