/** Characters that are not allowed in a text. Each check returns the first one's name, or null. */

function named(match: RegExpExecArray | null): string | null {
  if (match === null) return null;
  return `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

// Ranges instead of categories: V8 makes the set of a category anew in every process. Tab and newline are allowed: they
// reach the entrypoint literally. Half a surrogate pair cannot be written as UTF-8.
const NOT_IN_WORDS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\uD800-\uDFFF]/u;
const NOT_IN_LINES = /[\u0000-\u001F\u007F-\u009F\uD800-\uDFFF\u2028\u2029]/u;
const PLAIN = /^[ -~]*$/;

/** For arguments of a program: control characters other than tab and newline. */
export function controlInWord(text: string): string | null {
  return named(NOT_IN_WORDS.exec(text));
}

/** For one-line values: any control character. */
export function controlInLine(text: string): string | null {
  return named(NOT_IN_LINES.exec(text));
}

/** For names: control characters, and invisible ones such as direction marks, which make two names look alike. */
export function invisibleInName(text: string): string | null {
  return PLAIN.test(text) ? null : named(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text));
}
