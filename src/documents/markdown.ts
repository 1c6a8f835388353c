/** The part of CommonMark that a settings document needs: headings, fenced blocks, comments. Pure. */

export interface Heading {
  readonly kind: 'heading';
  readonly level: number;
  readonly text: string;
  readonly line: number;
}

export interface FencedBlock {
  readonly kind: 'block';
  /** First word after the fence, lower case; '' if there is none. */
  readonly language: string;
  /** Every line between the fences, indentation included, with LF. */
  readonly text: string;
  /** The line of the opening fence, 1-based. */
  readonly line: number;
  /** False if the text ends before a closing fence. */
  readonly closed: boolean;
}

// A fence inside a list item is indented as much as the item; CommonMark counts from there.
const FENCE = /^([ \t]*)(`{3,}|~{3,})(.*)$/;
// The closing `#`s of some headings stay, which is harmless; patterns that remove them are slow on hostile lines.
const ATX = /^ {0,3}(#{1,6})(?:[ \t](.*))?$/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;
const PARAGRAPH = /^ {0,3}[^\s#>`~|=-]/;

/** Headings and fenced blocks in order. Text inside a block or an HTML comment is neither. */
export function readMarkdown(text: string): readonly (Heading | FencedBlock)[] {
  const lines = text.split(/\r?\n/);
  const found: (Heading | FencedBlock)[] = [];
  let index = 0;
  while (index < lines.length) {
    const { item, next } = readAt(lines, index);
    if (item !== null) found.push(item);
    index = next;
  }
  return found;
}

interface ReadItem {
  /** Returns null if these lines are neither a heading nor a block. */
  readonly item: Heading | FencedBlock | null;
  /** Index of the first line after it. */
  readonly next: number;
}

function readAt(lines: readonly string[], index: number): ReadItem {
  const line = lines[index] ?? '';
  const fence = FENCE.exec(line);
  const [, , ticks = '', info = ''] = fence ?? [];
  if (fence !== null && !(ticks.startsWith('`') && info.includes('`'))) return readBlock(lines, index, ticks, info);
  if (/^ {0,3}<!--/.test(line)) return { item: null, next: afterComment(lines, index) };
  return readHeading(lines, index);
}

function readHeading(lines: readonly string[], index: number): ReadItem {
  const line = lines[index] ?? '';
  const heading = (level: number, text: string): Heading => ({
    kind: 'heading',
    level,
    text: text.trim(),
    line: index + 1,
  });
  const atx = ATX.exec(line);
  if (atx !== null) return { item: heading((atx[1] ?? '').length, atx[2] ?? ''), next: index + 1 };
  const below = SETEXT.exec(lines[index + 1] ?? '');
  if (below === null || !PARAGRAPH.test(line)) return { item: null, next: index + 1 };
  return { item: heading((below[1] ?? '').startsWith('=') ? 1 : 2, line), next: index + 2 };
}

function readBlock(lines: readonly string[], start: number, fence: string, info: string): ReadItem {
  const isClosing = (line: string): boolean => {
    const bare = line.trim();
    return bare.length >= fence.length && bare === (fence[0] ?? '').repeat(bare.length);
  };
  let end = start + 1;
  while (end < lines.length && !isClosing(lines[end] ?? '')) end += 1;
  const content = lines.slice(start + 1, end);
  const block: FencedBlock = {
    kind: 'block',
    language: (info.trim().split(/[\s{]/)[0] ?? '').toLowerCase(),
    text: content.map((line) => `${line}\n`).join(''),
    line: start + 1,
    closed: end < lines.length,
  };
  return { item: block, next: end + 1 };
}

function afterComment(lines: readonly string[], start: number): number {
  let index = start;
  const rest = (lines[index] ?? '').replace(/^ {0,3}<!--/, '');
  if (rest.includes('-->')) return index + 1;
  for (index += 1; index < lines.length; index += 1) if ((lines[index] ?? '').includes('-->')) return index + 1;
  return index;
}
