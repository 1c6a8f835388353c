/** Statistics over the tasks of a run. Pure, and the same bits on every machine. */

export interface Statistics {
  /** Values. */
  readonly n: number;
  /** Null if it is too large for a number; so is the next. */
  readonly mean: number | null;
  /** Of a sample: divided by n - 1. Null of one value. */
  readonly standard_deviation: number | null;
  readonly min: number;
  readonly max: number;
}

/** Null of no values. All are finite. */
export function statisticsOf(values: readonly number[]): Statistics | null {
  const [first] = values;
  if (first === undefined) return null;
  let [min, max] = [first, first];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const n = values.length;
  const mean = min === max ? min : finite(sumOf(values) / n);
  return { n, mean: rounded(mean, min, max), standard_deviation: deviationOf(values, mean), min, max };
}

function deviationOf(values: readonly number[], mean: number | null): number | null {
  if (values.length < 2 || mean === null) return null;
  const squares = values.map((value) => (value - mean) * (value - mean));
  const deviation = finite(Math.sqrt(sumOf(squares) / (values.length - 1)));
  return deviation === null ? null : Number(deviation.toPrecision(DIGITS));
}

/** What a sum of thousands of values keeps: the mean of 0.1, 0.2 and 0.3 is 0.2. */
const DIGITS = 15;

function rounded(mean: number | null, min: number, max: number): number | null {
  return mean === null || min === max ? mean : Number(mean.toPrecision(DIGITS));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What each addition loses is added at the end (Neumaier). */
function sumOf(values: readonly number[]): number {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** A parameter that only repeats a setting, such as `seed` and `data_seed`. */
export function isRepetition(name: string): boolean {
  return /^(?:.*_)?seed$/i.test(name);
}
