/** How many columns of a terminal a text takes, as wcwidth(3) counts them. Pure. */

const NARROW = /^[\u0020-\u007E\u00A0-\u02FF\u2500-\u259F]*$/;
/** Marks, joiners and selectors take none, and neither do controls, which no text should have that comes here. */
const NO_WIDTH = /^[\p{M}\p{Cc}\p{Cf}\u1160-\u11FF]$/u;
const PICTURE = /^\p{Emoji_Presentation}$/u;
/** What Unicode's East Asian Width calls wide or full-width: the blocks, from first to last. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];

export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOfOne(character);
  return columns;
}

/** As much of the text as there is room for. */
export function fitted(text: string, columns: number): string {
  if (NARROW.test(text)) return text.slice(0, Math.max(0, columns));
  let left = columns;
  let kept = '';
  for (const character of text) {
    left -= columnsOfOne(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}

/** Exactly that many columns: cut, or filled with blanks. */
export function filled(text: string, columns: number): string {
  const kept = fitted(text, columns);
  return kept + ' '.repeat(Math.max(0, columns - columnsOf(kept)));
}

function columnsOfOne(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return code >= 0x20 && code < 0x7f ? 1 : code >= 0xa0 ? 1 : 0;
  if (NO_WIDTH.test(character)) return 0;
  return PICTURE.test(character) || WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
