import { log10Of } from '../log10.ts';

/** From values to shades. Pure, and the same on every machine. */

/** Of the style sheet: from the faintest to the strongest, also in grey. */
export const SHADES = 9;

export interface HeatScale {
  /** From 0 to `SHADES` - 1; the better, the stronger. */
  readonly shadeOf: (value: number) => number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly log: boolean;
  /** Which values are strong. */
  readonly better: 'maximize' | 'minimize' | null;
}

/** `better`: which values are strong; null for the high ones. All are finite, and there is one. */
export function heatScaleOf(values: readonly number[], better: 'maximize' | 'minimize' | null): HeatScale {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const log = spansDecades(values, low, high);
  const [from, to] = log ? [log10Of(low), log10Of(high)] : [low, high];
  const along = (value: number): number => {
    const at = log ? log10Of(value) : value;
    // Halves: the range of two large numbers may be too large for one.
    return to > from ? (at / 2 - from / 2) / (to / 2 - from / 2) : 0.5;
  };
  return {
    shadeOf: (value) => {
      const shade = Math.min(SHADES - 1, Math.max(0, Math.floor(along(value) * SHADES)));
      return better === 'minimize' ? SHADES - 1 - shade : shade;
    },
    middle: log ? Math.sqrt(low) * Math.sqrt(high) : low / 2 + high / 2,
    ...{ low, high, log, better },
  };
}

/** On an even scale, most values would have the same shade. */
function spansDecades(values: readonly number[], low: number, high: number): boolean {
  if (low <= 0 || high / low < 100) return false;
  const bottom = low + (high - low) / 20;
  return values.filter((value) => value < bottom).length * 2 >= values.length;
}
