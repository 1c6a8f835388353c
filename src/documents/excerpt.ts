import { withoutUrlSecrets } from '../platform/redact.ts';

/**
 * Prepares text from a file for a message: one line, short, harmless to a terminal, and without credentials in URLs.
 */

const LONGEST = 60;
const MOST_WORDS = 200;
/** Longer than a URL with a credential in it, which must not be cut in two. */
const MOST_LOOKED_AT = 8 * 1024;
// Control, format (direction marks among them), lone surrogates, line and paragraph separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Another program's message, which may quote the file: one line, at most 200 characters. */
export function plainly(text: string): string {
  const told = withoutUrlSecrets(text.slice(0, MOST_LOOKED_AT));
  const body = told.slice(0, MOST_WORDS).replace(UNPRINTABLE, escaped);
  return told.length > MOST_WORDS || text.length > MOST_LOOKED_AT ? `${body}…` : body;
}

/** In backquotes, at most 60 characters, with nonprinting characters escaped. */
export function shown(text: string): string {
  // Cut before escaping, so that a value of a megabyte costs nothing.
  const told = withoutUrlSecrets(text.slice(0, MOST_LOOKED_AT));
  const head = Array.from(told.slice(0, 2 * LONGEST + 2));
  const cut = head.length > LONGEST || told.length > 2 * LONGEST + 2 || text.length > MOST_LOOKED_AT;
  const body = head.slice(0, LONGEST).join('').replace(UNPRINTABLE, escaped);
  return `\`${body}${cut ? '…' : ''}\``;
}

/** `a`, `b` or `c`. */
export function listed(words: readonly string[], joint = 'or'): string {
  const quoted = words.map(shown);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${joint} ${last}`;
}
