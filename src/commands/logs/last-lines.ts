import { type LineMatcher, MOST_LINE_BYTES } from './line-matcher.ts';
import { linesIn } from './lines.ts';
import { type Log, PIECE_BYTES } from './log.ts';

/** Where the last lines of a log begin: found from its end, a piece at a time. */

const LF = 10;

/** The offset of the last `count` lines before `end`; with a matcher, of lines that match. */
export function startOfLast(log: Log, end: number, count: number, matcher: LineMatcher | null): Promise<number> {
  if (count === 0) return Promise.resolve(end);
  return matcher === null ? startOfLines(log, end, count) : startOfMatches(log, end, count, matcher);
}

async function startOfLines(log: Log, end: number, count: number): Promise<number> {
  let found = 0;
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - PIECE_BYTES);
    const bytes = await log.readAll(from, to - from);
    for (let at = bytes.lastIndexOf(LF); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(LF, at - 1)) {
      // The one that ends the last line does not begin another.
      if (from + at === end - 1) continue;
      found += 1;
      if (found === count) return from + at + 1;
    }
    to = from;
  }
  return 0;
}

async function startOfMatches(log: Log, end: number, count: number, matcher: LineMatcher): Promise<number> {
  const time = { spentMs: 0 };
  let found = 0;
  let start = end;
  /** The end of a line that begins in an earlier piece. */
  let rest = Buffer.alloc(0);
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - PIECE_BYTES);
    const bytes = Buffer.concat([await log.readAll(from, to - from), rest]);
    to = from;
    // With the LF that ends it, or without.
    const isTooLong = bytes.length >= MOST_LINE_BYTES && !bytes.subarray(0, -1).includes(LF);
    const first = from === 0 || isTooLong ? 0 : bytes.indexOf(LF) + 1;
    rest = from === 0 || isTooLong ? Buffer.alloc(0) : bytes.subarray(0, first === 0 ? bytes.length : first);
    if (from > 0 && !isTooLong && first === 0) continue;
    const lines = linesIn(bytes.subarray(first));
    const matches = matcher(lines, time);
    let at = from + bytes.length;
    for (const [index, line] of [...lines.entries()].reverse()) {
      at -= line.length;
      if (matches[index] !== true) continue;
      found += 1;
      start = at;
      if (found === count) return start;
    }
  }
  return start;
}
