/** How a sentence names the first few of many items. */

/** ` and 3 more`, to follow a list; '' if nothing is left. */
export function andMore(left: number): string {
  return left > 0 ? ` and ${left} more` : '';
}

/** ` (and 3 more)`, to follow a sentence about the first of several; '' if nothing is left. */
export function besides(left: number): string {
  return left > 0 ? ` (and ${left} more)` : '';
}

/** `a, b and 3 more`: the first `most` of the names. */
export function firstFew(names: readonly string[], most: number): string {
  return `${names.slice(0, most).join(', ')}${andMore(names.length - most)}`;
}

const MOST_CHARACTERS = 300;

/** For a message: whatever a program prints, the user reads a few lines of it. */
export function shortened(words: string, most = MOST_CHARACTERS): string {
  return words.length <= most ? words : `${words.slice(0, most)}…`;
}
