/** Text that others wrote, for a line or a cell of a page: it changes nothing around it. Pure. */

const LONGEST = 200;

/** One line, with no mark-up, no cell's end, no comment and no invisible character. */
export function oneLine(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\s]+/gu, ' ').trim();
  const cut = Array.from(plain).length > LONGEST ? `${Array.from(plain).slice(0, LONGEST).join('')}…` : plain;
  return cut.replaceAll(/[\\`*[\]<>|]/g, (mark) => `\\${mark}`);
}
