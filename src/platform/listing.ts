/** How a sentence names some of many. */

/** ` and 3 more`, behind what was named; '' if nothing is left. */
export function andMore(left: number): string {
  return left > 0 ? ` and ${left} more` : '';
}

/** ` (and 3 more)`, behind a sentence about the first of several; '' if nothing is left. */
export function besides(left: number): string {
  return left > 0 ? ` (and ${left} more)` : '';
}

/** `a, b and 3 more`: the first `most` of the names. */
export function firstFew(names: readonly string[], most: number): string {
  return `${names.slice(0, most).join(', ')}${andMore(names.length - most)}`;
}
