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

// A colour passes; other escape sequences, and C1 characters, do not.
const NOT_FOR_TERMINALS =
  /\u001b(?!\[[\d;:]{0,30}m)|[\u0000-\u0007\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text of several lines, without what moves the cursor, sets the title or makes the terminal answer. */
export function forTerminal(text: string): string {
  return text.replaceAll(NOT_FOR_TERMINALS, escaped);
}
