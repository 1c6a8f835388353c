import { shownOnTerminal } from '../../platform/terminal/text.ts';

/** Text of files and of other programs must not control a terminal. Pure. */

const STEERS = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** One line: control characters and direction marks are shown as escapes. */
export function visible(text: string): string {
  return text.replaceAll(STEERS, (character) => (character === '\n' ? '\\n' : escaped(character)));
}

/** The same JSON: characters that JSON allows and a terminal may obey are written as escapes. */
export function printableJson(text: string): string {
  return text.replaceAll(STEERS, (character) => (character === '\n' ? character : escaped(character)));
}

/** Text of several lines as a terminal may have it: nothing but colours has an effect there. */
export function forTerminal(text: string): string {
  return shownOnTerminal(text, true);
}
