/** At most that many characters, with a mark where the text was cut. Pure. */
export function cutTo(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, Math.max(1, width - 1)).join('')}…`;
}
