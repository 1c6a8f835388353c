/**
 * Ticks of an axis, by integers: every tick is a whole number of steps, and a step is 1, 2 or 5 times a power of ten. Pure,
 * and the same on every machine.
 */

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface Ticks {
  readonly ticks: readonly Tick[];
  /** The axis goes from here to there. */
  readonly low: number;
  readonly high: number;
  /** The labels are to be multiplied by ten to this power; 0 for most. */
  readonly power: number;
}

interface Step {
  readonly digit: 1 | 2 | 5;
  readonly exponent: number;
}

/** The smallest step that makes at most that many pieces of the span. */
function stepFor(span: number, most: number): Step {
  const [mantissa = '1', exponent = '0'] = (span / most).toExponential().split('e');
  const least = Number(mantissa);
  if (least <= 1) return { digit: 1, exponent: Number(exponent) };
  if (least <= 2) return { digit: 2, exponent: Number(exponent) };
  if (least <= 5) return { digit: 5, exponent: Number(exponent) };
  return { digit: 1, exponent: Number(exponent) + 1 };
}

/** `digits` times ten to the power of `exponent`, with as many decimals as the exponent says. */
export function decimalText(digits: number, exponent: number): string {
  const whole = String(Math.abs(digits));
  const sign = digits < 0 ? MINUS : '';
  if (exponent >= 0) return `${sign}${whole}${digits === 0 ? '' : '0'.repeat(exponent)}`;
  const text = whole.padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

const MINUS = '\u2212';

/** What rounding of a quotient may take from a whole number. */
const SLACK = 1e-9;

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Room around a span that is none, or one that its numbers cannot divide. */
function roomyOf({ low, high }: Span): Span {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < 1e-290) return { low: 0, high: 1 };
  if (high - low > size * 1e-9) return { low, high };
  return { low: low - size / 2, high: high + size / 2 };
}

function oneWhole({ low, high }: Span): Span {
  return { low: Math.floor(low), high: Math.max(high, Math.floor(low) + 1) };
}

/** `whole`: the steps are whole numbers. `ends`: the axis begins and ends at a tick. */
export function ticksOf(
  span: Span,
  { most, whole = false, ends = false }: { readonly most: number; readonly whole?: boolean; readonly ends?: boolean },
): Ticks {
  const { low, high } = roomyOf(whole && span.high - span.low < 1 ? oneWhole(span) : span);
  const found = stepFor(high - low, most);
  const step: Step = whole && found.exponent < 0 ? { digit: 1, exponent: 0 } : found;
  const size = Number(`${step.digit}e${step.exponent}`);
  const first = ends ? Math.floor(low / size + SLACK) : Math.ceil(low / size - SLACK);
  const last = ends ? Math.ceil(high / size - SLACK) : Math.floor(high / size + SLACK);
  const power = powerFor(Math.max(Math.abs(low), Math.abs(high)), step.exponent);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const digits = (first + index) * step.digit;
    return { value: Number(`${digits}e${step.exponent}`), label: decimalText(digits, step.exponent - power) };
  });
  return { ticks, low: ends ? first * size : low, high: ends ? last * size : high, power };
}

/** Long labels lose their zeros to a power of ten that stands beside the axis. */
function powerFor(size: number, exponent: number): number {
  const [, ten = '0'] = size.toExponential().split('e');
  const power = Number(ten);
  if (power >= 5 || exponent < -4) return power - (((power % 3) + 3) % 3);
  return 0;
}

const SUPERSCRIPTS = '\u2070\u00B9\u00B2\u00B3\u2074\u2075\u2076\u2077\u2078\u2079';

/** `10³`. */
export function powerText(power: number): string {
  const digits = String(Math.abs(power)).replaceAll(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? '');
  return `10${power < 0 ? '\u207B' : ''}${digits}`;
}

/** The power of ten at or below a number above zero. */
function decadeBelow(value: number): number {
  return Number(value.toExponential().split('e')[1] ?? '0');
}

/** Powers of ten, for an axis that spans decades. Both ends are above zero. */
export function decadesOf({ low, high }: Span, most: number): Ticks {
  const first = decadeBelow(low);
  const below = decadeBelow(high);
  const last = Number(`1e${below}`) < high ? below + 1 : below;
  const every = Math.max(1, Math.ceil((last - first) / most));
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power += every)
    ticks.push({ value: Number(`1e${power}`), label: powerText(power) });
  return { ticks, low: Number(`1e${first}`), high: Number(`1e${last}`), power: 0 };
}
