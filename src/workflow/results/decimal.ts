/**
 * Differences of numbers as people write them: 0.3 - 0.2 is 0.1, and a target of 0.1 is met by it. Pure. A double stands for
 * the shortest decimal that it is the nearest double of.
 */

interface Decimal {
  /** Times ten to the power of `exponent`. */
  readonly digits: bigint;
  readonly exponent: number;
}

function decimalOf(value: number): Decimal {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(`${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

/** Both are finite. Returns null if the difference is not. */
export function decimalDifference(left: number, right: number): number | null {
  const [a, b] = [decimalOf(left), decimalOf(right)];
  const exponent = Math.min(a.exponent, b.exponent);
  const difference = Number(`${String(scaled(a, exponent) - scaled(b, exponent))}e${exponent}`);
  return Number.isFinite(difference) ? difference : null;
}
