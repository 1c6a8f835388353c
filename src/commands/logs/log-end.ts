import { isUtf8 } from 'node:buffer';

/** The end of a log, for a result: bounded, and it says what is not in it. */

/** The most of each log that a result has. */
export const MOST_COLLECTED_BYTES = 4 * 1024 * 1024;
/** A text that had to be cut begins with a line, if lines are shorter than this. */
const LONG_LINE = 64 * 1024;

export class LogEnd {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private dropped = 0;

  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.bytes += piece.length;
    for (let [first] = this.pieces; first !== undefined; [first] = this.pieces) {
      if (this.bytes - first.length < MOST_COLLECTED_BYTES) return;
      this.pieces.shift();
      this.bytes -= first.length;
      this.dropped += first.length;
    }
  }

  /** The log begins anew. */
  clear(): void {
    this.pieces = [];
    this.bytes = 0;
    this.dropped = 0;
  }

  /** `left`: how many bytes at the beginning of what was added are not in the text. */
  end(): { readonly text: string; readonly left: number; readonly isUtf8: boolean } {
    const all = Buffer.concat(this.pieces);
    const over = Math.max(0, all.length - MOST_COLLECTED_BYTES);
    const start = over === 0 && this.dropped === 0 ? 0 : startOfText(all, over);
    const kept = all.subarray(start);
    return { text: kept.toString('utf8'), left: this.dropped + start, isUtf8: isUtf8(kept) };
  }
}

/** The next line, or else the next character. */
function startOfText(bytes: Buffer, from: number): number {
  const end = bytes.subarray(from, from + LONG_LINE).indexOf(10);
  if (end !== -1) return from + end + 1;
  let start = from;
  while (start < from + 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
