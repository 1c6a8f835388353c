import type { GrowingFile } from '../../platform/growing-file.ts';

/** The complete lines of a file that a program appends to, as they come: each is read once. */

export interface NewLines {
  /** The file is another one, or was cut: forget what came before. */
  readonly anew: boolean;
  /** Ends with LF, or is empty. */
  readonly text: string;
}

/** Of a file that is longer when it is first seen, only its end is read. */
const MOST_FIRST_BYTES = 8 * 1024 * 1024;
/** At a time: a program that writes fast does not keep a reader busy. */
const MOST_BYTES = 1024 * 1024;
const LF = 10;

export class LineReader {
  private readonly file: GrowingFile;
  private readonly mostFirst: number;
  private offset: number | null = null;
  /** The beginning of a line; null while the line is not wanted. */
  private rest: Buffer | null = Buffer.alloc(0);

  constructor(file: GrowingFile, mostFirst = MOST_FIRST_BYTES) {
    this.file = file;
    this.mostFirst = mostFirst;
  }

  take(): NewLines {
    const anew = this.offset !== null && this.file.reopen(this.offset) !== 'same';
    if (anew) {
      this.offset = 0;
      this.rest = Buffer.alloc(0);
    }
    this.offset ??= this.begin();
    let text = '';
    for (let taken = 0; taken < this.mostFirst;) {
      const piece = this.file.read(this.offset, MOST_BYTES);
      if (piece.length === 0) break;
      this.offset += piece.length;
      taken += piece.length;
      text += this.linesOf(piece);
    }
    return { anew, text };
  }

  close(): void {
    this.file.close();
  }

  private begin(): number {
    const over = this.file.size() - this.mostFirst;
    // From the middle of a line on.
    if (over > 0) this.rest = null;
    return Math.max(0, over);
  }

  private linesOf(piece: Buffer): string {
    const last = piece.lastIndexOf(LF);
    if (last < 0) {
      const isTooLong = this.rest !== null && this.rest.length + piece.length > MOST_BYTES;
      this.rest = this.rest === null || isTooLong ? null : Buffer.concat([this.rest, piece]);
      return '';
    }
    const from = this.rest === null ? piece.indexOf(LF) + 1 : 0;
    const lines = Buffer.concat([this.rest ?? Buffer.alloc(0), piece.subarray(from, last + 1)]);
    this.rest = Buffer.from(piece.subarray(last + 1));
    return lines.toString('utf8');
  }
}
