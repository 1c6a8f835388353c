/** The layout of the pages. It rises with every change that gives a page of the same record other bytes. */
export const LAYOUT_VERSION = 1;
