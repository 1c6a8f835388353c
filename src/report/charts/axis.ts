import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import { log10Of } from './log10.ts';
import { decadesOf, powerText, type Span, type Tick, type Ticks, ticksOf } from './ticks.ts';

/** From values to places along an axis, with ticks in a unit that suits them. Pure. */

export type AxisUnit = 'number' | 'whole' | 'bytes' | 'seconds' | 'percent';

export interface Axis {
  readonly ticks: readonly Tick[];
  /** From 0 to 1 along the axis; beyond for values outside of it. */
  readonly along: (value: number) => number;
  /** `GiB`, `min`, `×10³`, `log scale`; '' if there is nothing to say. */
  readonly words: string;
}

export interface AxisWanted extends Span {
  readonly unit: AxisUnit;
  readonly most: number;
  /** Begins and ends at a tick. */
  readonly ends: boolean;
  /** In powers of ten: all values are above zero. */
  readonly log?: boolean;
}

export function axisOf({ low, high, unit, most, ends, log = false }: AxisWanted): Axis {
  if (log) return logAxis({ low, high }, most);
  const { size, name } = scaleFor(unit, high);
  const scaled = { low: low / size, high: high / size };
  const found = ticksOf(scaled, { most, ends, whole: unit === 'whole' });
  const power = found.power === 0 ? '' : `\u00D7${powerText(found.power)}`;
  return { ...placed(found, size), words: [power, name].filter((word) => word !== '').join(' ') };
}

function placed({ ticks, low, high }: Ticks, size: number): Pick<Axis, 'ticks' | 'along'> {
  const range = high - low;
  return {
    ticks: ticks.map(({ value, label }) => ({ value: value * size, label })),
    along: (value) => (value / size - low) / range,
  };
}

function logAxis(span: Span, most: number): Axis {
  const { ticks, low, high } = decadesOf(span, most);
  const [from, to] = [log10Of(low), log10Of(high)];
  return { ticks, along: (value) => (log10Of(value) - from) / (to - from), words: 'log scale' };
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const SECONDS = [
  { size: 86_400, name: 'days', least: 2 },
  { size: 3600, name: 'h', least: 2 },
  { size: 60, name: 'min', least: 2 },
] as const;

/** What the values are divided by, and the name of that. */
function scaleFor(unit: AxisUnit, high: number): { readonly size: number; readonly name: string } {
  if (unit === 'percent') return { size: 1, name: '%' };
  if (unit === 'seconds') return SECONDS.find(({ size, least }) => high >= size * least) ?? { size: 1, name: 's' };
  if (unit !== 'bytes') return { size: 1, name: '' };
  let [size, index] = [1, 0];
  // A little under 1 GiB is told in GiB: the axis then ends at 1.
  while (high >= size * 1024 * 0.9 && index < BYTES.length - 1) {
    size *= 1024;
    index += 1;
  }
  return { size, name: BYTES[index] ?? 'B' };
}

/** One value in words. */
export function valueText(value: number, unit: AxisUnit): string {
  if (unit === 'bytes') return bytesText(value);
  if (unit === 'seconds') return secondsText(value);
  if (unit === 'percent') return `${numberText(Math.round(value * 10) / 10)} %`;
  return numberText(value);
}
