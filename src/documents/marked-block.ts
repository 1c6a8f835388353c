import type { Problem } from '../errors/problem.ts';
import { shown } from './excerpt.ts';
import { type MarkdownLine, markdownLines } from './markdown-lines.ts';

/** A part of a page that a program keeps, between two marks; everything around it stays byte for byte. Pure. */

export interface BlockMarks {
  /** As autolab writes them, each a line of its own. */
  readonly begin: string;
  readonly end: string;
  /** What a line is known by, whatever else a comment says. */
  readonly isBegin: RegExp;
  readonly isEnd: RegExp;
}

export interface PageParts {
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** Lines with LF, for the block. */
  readonly content: string;
}

/** The page with this content between its marks, or what is wrong with the marks. Without marks the block goes to the end. */
export function withBlock({ file, text, content }: PageParts, marks: BlockMarks): { readonly text: string } | Problem {
  const lines = markdownLines(text).filter(({ hidden }) => !hidden);
  const begins = lines.filter((line) => marks.isBegin.test(line.text));
  const ends = lines.filter((line) => marks.isEnd.test(line.text));
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined && end === undefined) return { text: appended(text, content, marks) };
  const wrong = damage(begins, ends, marks);
  if (wrong !== null || begin === undefined || end === undefined)
    return {
      file,
      line: wrong?.line.number ?? null,
      column: wrong === null ? null : 1,
      pointer: null,
      code: 'file.syntax',
      severity: 'error',
      message: wrong?.message ?? '',
    };
  const inner = begin.eol === '\r\n' ? content.replaceAll('\n', '\r\n') : content;
  return { text: text.slice(0, begin.end) + begin.eol + inner + text.slice(end.start) };
}

interface Damage {
  readonly line: MarkdownLine;
  readonly message: string;
}

function damage(begins: readonly MarkdownLine[], ends: readonly MarkdownLine[], marks: BlockMarks): Damage | null {
  const [begin, secondBegin] = begins;
  const [end, secondEnd] = ends;
  const both = `${shown(marks.begin)} and ${shown(marks.end)}`;
  const again = secondBegin ?? secondEnd;
  if (again !== undefined) return { line: again, message: `this mark stands a second time; leave one pair of ${both}` };
  if (begin === undefined && end !== undefined)
    return { line: end, message: `the mark that begins the block is missing; put both marks back, or remove this one` };
  if (begin !== undefined && end === undefined)
    return { line: begin, message: `the mark that ends the block is missing: put ${shown(marks.end)} after the table` };
  if (begin !== undefined && end !== undefined && end.start < begin.start)
    return { line: end, message: `the block ends before it begins; put the marks in order` };
  return null;
}

function appended(text: string, content: string, { begin, end }: BlockMarks): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const block = `${begin}\n${content}${end}\n`.replaceAll('\n', eol);
  if (text === '') return block;
  const gap = text.endsWith('\n') ? eol : eol.repeat(2);
  return text + (/\n\r?\n$/.test(text) ? '' : gap) + block;
}
