import { sortBytewise } from './byte-order.ts';
import { parseLines } from './series-lines.ts';

/** `metrics.jsonl`, which the user's program writes if it likes: `{"step": 10, "loss": 0.3}` a line. Pure. */

export const METRIC_SERIES_FILE = 'metrics.jsonl';

export interface MetricPoint {
  /** As the program says it; the number of the point, from 0, if it says none. */
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface MetricSeries {
  /** In the order of the lines. */
  readonly points: readonly MetricPoint[];
  /** Sorted. */
  readonly names: readonly string[];
  readonly bad_lines: number;
}

/** A line without a finite number besides its step is a bad one. */
export function parseMetricSeries(text: string): MetricSeries {
  const { values: lines, bad_lines } = parseLines(text, lineOf);
  const points = lines.map(({ step, values }, index) => ({ step: step ?? index, values }));
  const names = sortBytewise([...new Set(points.flatMap(({ values }) => Object.keys(values)))], (name) => name);
  return { points, names, bad_lines };
}

function lineOf({ step, ...others }: Readonly<Record<string, unknown>>) {
  const values = Object.fromEntries(
    Object.entries(others).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
  if (Object.keys(values).length === 0) return null;
  return { step: typeof step === 'number' && Number.isFinite(step) ? step : null, values };
}
