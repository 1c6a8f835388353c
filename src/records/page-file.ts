import { join } from 'node:path';
import { lstatOrNull, readPart, readTextOrNull } from '../platform/files.ts';

/**
 * The page that autolab makes of a run: `report.html` in its folder, or `autolab-report.html` where the run itself has a
 * file of that name. It is no output of the run, and what is not ours is never replaced.
 */

/** Of a run that is open: whatever is in its folder when it ends is an output of it, also a copy of a page. */
export const OPEN_PAGE = 'receipt/report.html';

/** In the order in which they are tried. */
const PAGE_NAMES = ['report.html', 'autolab-report.html'] as const;

const BEFORE_LAYOUT = '<!doctype html>\n<!-- autolab page, layout ';

/** The first two lines of every page, by which autolab knows its own. `layout`: changes with what the page shows. */
export function pageHead(layout: number): string {
  return `${BEFORE_LAYOUT}${layout} -->\n`;
}

/** The layout of a page; null if it is not a page of autolab. */
export function layoutOf(page: string): number | null {
  if (!page.startsWith(BEFORE_LAYOUT)) return null;
  const layout = /^(\d{1,9}) -->\n/.exec(page.slice(BEFORE_LAYOUT.length))?.[1];
  return layout === undefined ? null : Number(layout);
}

/** Whether autolab made the file at this path. */
export function isPage(path: string): boolean {
  if (lstatOrNull(path)?.isFile() !== true) return false;
  return layoutOf(readPart(path, 0, BEFORE_LAYOUT.length + 20).toString('utf8')) !== null;
}

/** What `listTree` leaves out of the folder of a run that is over. `sums`: the text of `artifacts.sha256`, or null. */
export function pagesOf(folder: string, sums: string | null): (relPath: string) => boolean {
  const names = ownNames(sums);
  return (path) => names.some((name) => name === path) && isPage(join(folder, path));
}

/** The name that the page of a run has or gets; null if files of somebody else have them all. */
export function pageName(folder: string, sums: string | null): string | null {
  return ownNames(sums).find((name) => isFree(join(folder, name))) ?? null;
}

/** `sums`, by the path of `artifacts.sha256`. Null also if that is no file: then nothing is known to be an output. */
export function sumsAt(path: string): string | null {
  try {
    return readTextOrNull(path);
  } catch {
    return null;
  }
}

/** The name of the page that a run has, of those two; null if it has none. */
export function pageThere(folder: string, sums: string | null): string | null {
  const name = pageName(folder, sums);
  return name !== null && isPage(join(folder, name)) ? name : null;
}

/** Whether a page can be written there: nothing is there, or a page. */
export function isFree(path: string): boolean {
  return lstatOrNull(path) === null || isPage(path);
}

/** Without those that are outputs of the run. */
function ownNames(sums: string | null): readonly string[] {
  return PAGE_NAMES.filter((name) => sums?.includes(`  ${name}\n`) !== true);
}
