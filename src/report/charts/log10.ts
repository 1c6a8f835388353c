/**
 * The logarithm to the base of ten, of additions, multiplications and divisions alone: these give the same bits
 * everywhere, and `Math.log10` need not. Pure. Of a finite number above zero.
 */
export function log10Of(value: number): number {
  let [mantissa, twos] = [value, 0];
  while (mantissa >= SQRT_2) {
    mantissa /= 2;
    twos += 1;
  }
  while (mantissa < SQRT_2 / 2) {
    mantissa *= 2;
    twos -= 1;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), and the argument is at most 0.172.
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let term = 23; term >= 1; term -= 2) sum = sum * square + 1 / term;
  return (2 * ratio * sum + twos * LN_2) / LN_10;
}

const SQRT_2 = 1.4142135623730951;
const LN_2 = 0.6931471805599453;
const LN_10 = 2.302585092994046;
