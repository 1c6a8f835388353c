/**
 * Differences of numbers as people write them: 0.3 - 0.2 is 0.1, and a target of 0.1 is met by it. Pure. A double stands for
 * the shortest decimal that it is the nearest double of.
 */

interface Decimal {
  /** Times ten to the power of `exponent`. */
  readonly digits: bigint;
  readonly exponent: number;
}

/** Of text: digits, with a point or without. */
function decimalOf(value: number | string): Decimal {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(`${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

/** The text of a number that has digits which its double does not keep, such as those of a long count; null otherwise. */
export function digitsLost(text: string, value: number): string | null {
  if (text === String(value)) return null;
  if (text.length > 100 || !/^-?\d+(?:\.\d+)?$/.test(text)) return null;
  const [a, b] = [decimalOf(text), decimalOf(value)];
  const exponent = Math.min(a.exponent, b.exponent);
  return scaled(a, exponent) === scaled(b, exponent) ? null : text;
}

/** Both are finite. Returns null if the difference is not. */
export function decimalDifference(left: number | string, right: number | string): number | null {
  const { digits, exponent } = subtract(left, right);
  const difference = Number(`${String(digits)}e${exponent}`);
  return Number.isFinite(difference) ? difference : null;
}

/** The difference for people: with the digits that its double does not keep. */
export function writtenDifference(left: number | string, right: number | string): string {
  const { digits, exponent } = subtract(left, right);
  const difference = Number(`${String(digits)}e${exponent}`);
  return (Math.abs(exponent) > 100 ? null : digitsLost(plain(digits, exponent), difference)) ?? String(difference);
}

function subtract(left: number | string, right: number | string): Decimal {
  const [a, b] = [decimalOf(left), decimalOf(right)];
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: scaled(a, exponent) - scaled(b, exponent), exponent };
}

function plain(digits: bigint, exponent: number): string {
  if (exponent >= 0) return `${digits}${'0'.repeat(exponent)}`;
  const [sign, all] = digits < 0n ? ['-', -digits] : ['', digits];
  const padded = String(all).padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
