import { cutText } from '../../markup.ts';

/** The values of a parameter along an axis. Pure. */

export interface OrderedValues {
  readonly name: string;
  readonly values: readonly string[];
  /** All are numbers; then they are in their order, otherwise in that of the design. */
  readonly numeric: boolean;
}

export function orderedValues(name: string, given: readonly string[]): OrderedValues {
  const values = [...new Set(given)];
  const numeric = values.every(isNumeric);
  return { name, values: numeric ? values.toSorted((a, b) => Number(a) - Number(b)) : values, numeric };
}

function isNumeric(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** So many characters of a value are seen. */
const LONGEST = 14;
/** Of a letter, in pixels. */
const LETTER = 6.6;

export function axisLabel(value: string, most = LONGEST): string {
  return value === '' ? '\u2205' : cutText(value, Math.max(2, most));
}

export function labelWidth(labels: readonly string[]): number {
  return Math.max(...labels.map((label) => label.length), 1) * LETTER;
}

/** One label in so many, so that they do not touch: of labels so wide, at places so far apart. */
export function labelEvery(labels: readonly string[], step: number): number {
  return Math.max(1, Math.ceil((labelWidth(labels) + 8) / step));
}

/** To a tenth of a pixel. */
export function tenth(place: number): number {
  return Math.round(place * 10) / 10;
}
