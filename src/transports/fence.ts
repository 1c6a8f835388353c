/** How much of the text before the first mark is kept: its end. */
const MOST_NOISE = 128 * 1024;

/**
 * Separates the output of a command on another host from other text in the same stream: banners, messages of the day,
 * start-up files. The remote side prints a mark before and after the output; everything else is cut off. Pure, apart
 * from its buffer.
 */
export class Fence {
  private readonly begin: Buffer;
  private readonly end: Buffer;
  private readonly limit: number;
  private before = Buffer.alloc(0);
  /** Bytes that may still be the beginning of the last mark. */
  private pending = Buffer.alloc(0);
  private readonly kept: Buffer[] = [];
  private bytes = 0;
  began = false;
  truncated = false;
  /** The word after the last mark: an exit status, or the reason why there is none; null until it arrives. */
  ending: string | null = null;

  /** `mark`: random, so that no program prints it by chance. */
  constructor(mark: string, limit: number) {
    this.begin = Buffer.from(`\n${beginMark(mark)}\n`);
    this.end = Buffer.from(`\n${endMark(mark)} `);
    this.limit = limit;
  }

  /** The last mark has arrived completely. */
  get ended(): boolean {
    return this.ending?.endsWith('\n') === true;
  }

  add(chunk: Buffer): void {
    if (this.ended) return;
    if (!this.began) {
      this.before = Buffer.concat([this.before, chunk]);
      const at = this.before.indexOf(this.begin);
      if (at < 0) {
        if (this.before.length > MOST_NOISE) this.before = this.before.subarray(-MOST_NOISE / 2);
        return;
      }
      this.began = true;
      const rest = this.before.subarray(at + this.begin.length);
      this.before = this.before.subarray(0, at);
      // The end of an empty answer: the first mark's line break counts.
      this.inside(Buffer.concat([Buffer.from('\n'), rest]));
      return;
    }
    this.inside(chunk);
  }

  private inside(chunk: Buffer): void {
    if (this.ending !== null) {
      this.endWith(this.ending + chunk.toString('latin1'));
      return;
    }
    const all = Buffer.concat([this.pending, chunk]);
    const at = all.indexOf(this.end);
    if (at >= 0) {
      this.keep(all.subarray(0, at));
      this.endWith(all.subarray(at + this.end.length).toString('latin1'));
      this.pending = Buffer.alloc(0);
      return;
    }
    const held = Math.min(all.length, this.end.length - 1);
    this.keep(all.subarray(0, all.length - held));
    this.pending = all.subarray(all.length - held);
  }

  /** Text after the last mark comes from another program: a background child, a logout file. */
  private endWith(text: string): void {
    const at = text.indexOf('\n');
    this.ending = at < 0 ? text : text.slice(0, at + 1);
  }

  private keep(bytes: Buffer): void {
    const room = this.limit + 1 - this.bytes;
    if (bytes.length > room) this.truncated = true;
    if (room <= 0 || bytes.length === 0) return;
    const part = bytes.subarray(0, room);
    this.kept.push(Buffer.from(part));
    this.bytes += part.length;
  }

  /** The command's output so far. */
  take(): Buffer {
    const all = Buffer.concat(this.ending === null ? [...this.kept, this.pending] : this.kept);
    return all.subarray(1);
  }

  /** The output of other programs before the first mark. */
  noise(): string {
    return this.before.toString('utf8').trim();
  }
}

export function beginMark(mark: string): string {
  return `autolab-${mark}-begin`;
}

export function endMark(mark: string): string {
  return `autolab-${mark}-end`;
}
