/** The layout of the pages. It rises with every change that gives a page of the same record other bytes. Pure. */
export const LAYOUT_VERSION = 1;

export const LAYOUT_META = 'autolab-layout';

const WRITTEN = new RegExp(`<meta name="${LAYOUT_META}" content="(\\d{1,9})">`);

/** The layout of a page that autolab wrote; null if the text is none. It stands near the beginning. */
export function layoutOfPage(text: string): number | null {
  const version = WRITTEN.exec(text.slice(0, 2000))?.[1];
  return version === undefined ? null : Number(version);
}
