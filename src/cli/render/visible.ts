/** Text of files and of other programs must not control a terminal. Pure. */

const STEERS = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** One line: control characters and direction marks are shown as escapes. */
export function visible(text: string): string {
  // Nearly every cell of a long table.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replaceAll(STEERS, (character) => (character === '\n' ? '\\n' : escaped(character)));
}

/** The same JSON: characters that JSON allows and a terminal may obey are written as escapes. */
export function printableJson(text: string): string {
  return text.replaceAll(STEERS, (character) => (character === '\n' ? character : escaped(character)));
}

// The colours that this program uses pass. What a reader must see is never rewritten or hidden: logs, which are meant to
// be, have a printer of their own.
const NOT_FOR_TERMINALS =
  /\u001b(?!\[(?:0|1|2|22|3[1-6]|39)m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text of several lines: what would have an effect on a terminal is shown as an escape. */
export function forTerminal(text: string): string {
  return text.replaceAll(NOT_FOR_TERMINALS, escaped);
}
