import { type Failure, failureOf } from '../../errors/failure.ts';
import { readDocument } from '../../platform/document.ts';
import { firstDifference } from '../../records/first-difference.ts';
import { layoutOf } from '../../records/page-file.ts';

const MOST_BYTES = 64 * 1024 * 1024;

export interface PageToCheck {
  /** Absolute. */
  readonly path: string;
  /** As the user knows it. */
  readonly shown: string;
  /** The page that the record gives. */
  readonly page: string;
  /** That makes it. */
  readonly command: string;
}

/** Compares a page with the one that its record gives, byte for byte. Returns null if they are the same. */
export function checkPage({ path, shown, page, command }: PageToCheck): Failure | null {
  const read = readDocument(path, MOST_BYTES);
  const again = `Make it again: ${command}`;
  if (read.kind === 'missing')
    return failureOf('report.missing', { message: `There is no ${shown}.`, hint: `Make it: ${command}` });
  if (read.kind !== 'text')
    return failureOf('report.differs', { message: `${shown} is not a page that autolab made.`, hint: again });
  if (read.text === page) return null;
  const [layout, ours] = [layoutOf(read.text), layoutOf(page)];
  if (layout === null)
    return failureOf('report.differs', { message: `${shown} is not a page that autolab made.`, hint: again });
  if (layout !== ours)
    return failureOf('report.other_layout', {
      message: `${shown} has the layout ${layout}; this autolab makes layout ${ours ?? 0}, so they were not compared.`,
      hint: again,
    });
  const { line, column } = placeOf(read.text, page);
  return failureOf('report.differs', {
    message: `${shown}:${line}:${column}: the page is not the one that its record gives.`,
    hint: `If the record is as it was, the page was edited. ${again}`,
  });
}

function placeOf(found: string, expected: string): { readonly line: number; readonly column: number } {
  const difference = firstDifference(found, expected);
  const [ours, theirs] = [difference?.found ?? '', difference?.expected ?? ''];
  let column = 0;
  while (column < ours.length && ours[column] === theirs[column]) column += 1;
  return { line: difference?.line ?? 1, column: column + 1 };
}
