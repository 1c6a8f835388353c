import { loadPacked } from './packs.ts';

/** What the package exports, from the packs of the program. */

/** The build's name for the first of them. */
declare const AUTOLAB_PROGRAM: string;

export const library = loadPacked(__dirname, AUTOLAB_PROGRAM, './library.js', null).exports;
