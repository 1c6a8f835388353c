const LINE_END = 0x0a;

/** Cuts bytes that come in pieces into lines. Pure. */
export class ByteLines {
  private rest: Buffer[] = [];
  private bytes = 0;
  private readonly longest: number;

  /** Of a longer line nothing is kept. In bytes. */
  constructor(longest: number) {
    this.longest = longest;
  }

  /** The lines that are complete now, without their ends; null stands for one that is too long. */
  *add(piece: Buffer): Generator<string | null> {
    for (let start = 0; start < piece.length;) {
      const end = piece.indexOf(LINE_END, start);
      this.keep(piece.subarray(start, end === -1 ? undefined : end));
      if (end === -1) return;
      yield this.take();
      start = end + 1;
    }
  }

  /** What is left behind the last line end. */
  take(): string | null {
    const line = this.bytes > this.longest ? null : Buffer.concat(this.rest).toString('utf8');
    this.rest = [];
    this.bytes = 0;
    return line;
  }

  private keep(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > this.longest) this.rest = [];
    else this.rest.push(part);
  }
}
