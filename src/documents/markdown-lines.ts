/** The lines of a Markdown text, with what a reader of marks needs: where each is, and whether it is shown as text. Pure. */

export interface MarkdownLine {
  /** 1-based. */
  readonly number: number;
  /** Without its end. */
  readonly text: string;
  /** Offsets of its first character, and of that after its last. */
  readonly start: number;
  readonly end: number;
  /** '', LF or CRLF. */
  readonly eol: string;
  /** In a fenced block or in a comment of several lines, both of which must have an end. */
  readonly hidden: boolean;
}

const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/;

export function markdownLines(text: string): readonly MarkdownLine[] {
  const lines = splitLines(text);
  const hidden = new Set<number>();
  for (let index = 0; index < lines.length; index += 1) {
    const end = endOfHidden(lines, index);
    if (end === null) continue;
    for (; index < end; index += 1) hidden.add(index);
    hidden.add(end);
  }
  return lines.map((line, index) => ({ ...line, hidden: hidden.has(index) }));
}

type Line = Omit<MarkdownLine, 'hidden'>;

function splitLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length;) {
    const at = text.indexOf('\n', start);
    const next = at < 0 ? text.length : at + 1;
    const eol = at < 0 ? '' : text[at - 1] === '\r' && at > start ? '\r\n' : '\n';
    const end = next - eol.length;
    lines.push({ number: lines.length + 1, text: text.slice(start, end), start, end, eol });
    start = next;
  }
  return lines;
}

/** The index of the last line of what begins here and is hidden; null if nothing is, or if it never ends. */
function endOfHidden(lines: readonly Line[], index: number): number | null {
  const { text } = lines[index] ?? { text: '' };
  const [, fence = '', info = ''] = FENCE.exec(text) ?? [];
  if (fence !== '' && !(fence.startsWith('`') && info.includes('`'))) return findFrom(lines, index + 1, closes(fence));
  const open = text.lastIndexOf('<!--');
  if (open < 0 || text.includes('-->', open)) return null;
  const end = findFrom(lines, index + 1, (line) => line.includes('-->'));
  // A comment of its own on one line: the one above was never ended.
  return end === null || lines[end]?.text.includes('<!--') === true ? null : end;
}

function closes(fence: string): (line: string) => boolean {
  const mark = fence[0] ?? '';
  return (line) => {
    const bare = line.trim();
    return bare.length >= fence.length && bare === mark.repeat(bare.length);
  };
}

function findFrom(lines: readonly Line[], from: number, isEnd: (text: string) => boolean): number | null {
  for (let index = from; index < lines.length; index += 1) if (isEnd(lines[index]?.text ?? '')) return index;
  return null;
}
