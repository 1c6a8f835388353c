/** HTML and SVG as values: what is put into a template is escaped, unless it is such a value itself. Pure. */

export interface Markup {
  readonly markup: string;
}

export type MarkupPart = Markup | string | number | null | readonly Markup[];

/** A template. Write every attribute in double quotes: `<p class="${name}">`. */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  let text = strings[0] ?? '';
  parts.forEach((part, index) => {
    text += textOfPart(part) + (strings[index + 1] ?? '');
  });
  return { markup: text };
}

export const NO_MARKUP: Markup = { markup: '' };

function textOfPart(part: MarkupPart): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapedText(part);
  if (typeof part === 'number') return String(part);
  if ('markup' in part) return part.markup;
  return part.map(({ markup: text }) => text).join('');
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Controls but tab and newline, direction marks, what else is invisible, halves of a surrogate pair, and what HTML does not
// allow: a reader sees that they are there, and they have no effect.
const UNSEEN =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFDD0-\uFDEF\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF\p{Cs}]/gu;

/** For text and for attributes. Newlines and tabs stay. */
export function escapedText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => NAMED[character] ?? '').replaceAll(UNSEEN, visibly);
}

/** By its number: few fonts have pictures of control characters. */
function visibly(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\u27E8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27E9`;
}

/** The parts with something between. */
export function joinedMarkup(parts: readonly Markup[], between: string): Markup {
  return { markup: parts.map(({ markup: text }) => text).join(escapedText(between)) };
}

/** At most that many characters, with a mark where it was cut; never half a character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}\u2026`;
}
