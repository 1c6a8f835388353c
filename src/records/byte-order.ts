/** Order of names as their UTF-8 bytes compare: what `LC_ALL=C sort` does, the same on every machine. Pure. */

const SURROGATE = /[\uD800-\uDFFF]/;

/** A sorted copy. */
export function sortBytewise<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  // UTF-16 order differs from UTF-8 order only if surrogates occur, and comparing by hand is several times slower.
  const compare = items.some((item) => SURROGATE.test(nameOf(item))) ? compareCodePoints : compareCodeUnits;
  return [...items].sort((a, b) => compare(nameOf(a), nameOf(b)));
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates (which stand for code points from U+10000 on) behind U+E000–U+FFFF. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
