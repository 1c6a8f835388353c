import { type LineMatcher, type LineTime, MOST_LINE_BYTES } from './line-matcher.ts';
import { linesIn } from './lines.ts';

/** Lets lines through that match, from a log that arrives in pieces. */
export class LineFilter {
  matches = 0;
  private rest = Buffer.alloc(0);
  private readonly matcher: LineMatcher;
  private readonly time: LineTime = { spentMs: 0 };

  constructor(matcher: LineMatcher) {
    this.matcher = matcher;
  }

  /** The lines that are complete now, and match. */
  push(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.rest, bytes]);
    const end = all.length > MOST_LINE_BYTES && !all.includes(10) ? all.length : all.lastIndexOf(10) + 1;
    this.rest = Buffer.from(all.subarray(end));
    return this.select(all.subarray(0, end));
  }

  /** A last line that nothing ended. */
  end(): Buffer {
    const { rest } = this;
    this.forget();
    return this.select(rest);
  }

  /** The log begins anew. */
  forget(): void {
    this.rest = Buffer.alloc(0);
  }

  private select(bytes: Buffer): Buffer {
    const lines = linesIn(bytes);
    if (lines.length === 0) return bytes;
    const matched = this.matcher(lines, this.time);
    const chosen = lines.filter((_, index) => matched[index] === true);
    this.matches += chosen.length;
    return Buffer.concat(chosen);
  }
}
