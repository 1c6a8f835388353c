import { sortBytewise } from './byte-order.ts';
import { eachLine, type LineObject, objectIn } from './series-lines.ts';

/** `metrics.jsonl`, which the user's program writes if it likes: `{"step": 10, "loss": 0.3}` a line. Pure. */

export const METRIC_SERIES_FILE = 'metrics.jsonl';
/** Of each metric; of more values every second one stays, again and again, and the last one. */
export const MOST_VALUES = 2000;
/** Further names, and longer ones, are left out. */
const MOST_NAMES = 200;
const MOST_NAME_LENGTH = 200;

export interface MetricPoint {
  /** As the program says it; the number of the line among those with a value, from 0, if it says none. */
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface MetricSeries {
  /** In the order of the lines; not all of them, if they are many. */
  readonly points: readonly MetricPoint[];
  /** Sorted. */
  readonly names: readonly string[];
  readonly bad_lines: number;
}

export function parseMetricSeries(text: string): MetricSeries {
  const reader = new MetricLines();
  for (const line of eachLine(text)) reader.add(line);
  return reader.series();
}

interface Value {
  readonly line: number;
  readonly step: number;
  readonly value: number;
}

interface Curve {
  /** Every so many values one is kept. */
  every: number;
  seen: number;
  kept: Value[];
  last: Value;
}

/** Reads line by line, and keeps a bounded part of what it read. */
export class MetricLines {
  private readonly curves = new Map<string, Curve>();
  /** With a value. */
  private lines = 0;
  private bad = 0;

  /** A line without a finite number besides its step is a bad one. */
  add(line: string): void {
    if (line.trim() === '') return;
    const { step, ...others } = objectIn(line) ?? {};
    const values = Object.entries(others).filter(isMetric);
    if (values.length === 0) {
      this.addBad();
      return;
    }
    const at = { line: this.lines, step: typeof step === 'number' && Number.isFinite(step) ? step : this.lines };
    this.lines += 1;
    for (const [name, value] of values) this.keep(name, { ...at, value });
  }

  /** A line that was not read. */
  addBad(): void {
    this.bad += 1;
  }

  /** Lines with a value, of which a long series has fewer points. */
  count(): number {
    return this.lines;
  }

  series(): MetricSeries {
    const points = new Map<number, { step: number; values: [string, number][] }>();
    for (const [name, { kept, last }] of this.curves) {
      for (const { line, step, value } of kept.at(-1) === last ? kept : [...kept, last]) {
        const point = points.get(line) ?? { step, values: [] };
        points.set(line, point);
        point.values.push([name, value]);
      }
    }
    return {
      points: [...points]
        .sort(([a], [b]) => a - b)
        .map(([, { step, values }]) => ({ step, values: Object.fromEntries(values) })),
      names: sortBytewise([...this.curves.keys()], (name) => name),
      bad_lines: this.bad,
    };
  }

  private keep(name: string, value: Value): void {
    const curve = this.curves.get(name);
    if (curve === undefined) {
      if (this.curves.size < MOST_NAMES) this.curves.set(name, { every: 1, seen: 1, kept: [value], last: value });
      return;
    }
    if (curve.seen % curve.every === 0) curve.kept.push(value);
    curve.seen += 1;
    curve.last = value;
    if (curve.kept.length < MOST_VALUES) return;
    curve.kept = curve.kept.filter((_, index) => index % 2 === 0);
    curve.every *= 2;
  }
}

function isMetric(entry: [string, LineObject[string]]): entry is [string, number] {
  return Number.isFinite(entry[1]) && entry[0].length <= MOST_NAME_LENGTH;
}
