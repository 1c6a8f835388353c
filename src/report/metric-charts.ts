import type { MetricSeries } from '../records/metric-series.ts';
import type { LineChart } from './charts/line-chart.ts';

/** Curves of metrics: those of one thing in one picture, such as `train_loss` and `val_loss`. Pure. */

const MOST_CHARTS = 12;
const MOST_CURVES = 6;

export interface MetricCharts {
  readonly charts: readonly LineChart[];
  /** Metrics that are not drawn. */
  readonly left: readonly string[];
}

/** What tells curves of one thing apart: the part of the data, or a number, as of a fold. */
const PART =
  /^(?:train|training|val|valid|validation|test|eval|dev)[_./-](?=.)|[_./-](?:train|training|val|valid|validation|test|eval|dev|\d{1,3})$/i;

/** What is set or counted, not measured: it comes last. */
const SETTING = /(?:^|[_./-])(?:lr|learning_?rate|epoch|time|seconds|weight_decay|momentum)$/i;

/** `first`: metrics that come first, in that order. */
export function metricCharts({ points, names }: MetricSeries, first: readonly string[]): MetricCharts {
  const groups = new Map<string, string[]>();
  const known = new Set(names);
  const settings = names.filter((name) => SETTING.test(name));
  for (const name of [
    ...first.filter((one) => known.has(one)),
    ...names.filter((one) => !SETTING.test(one)),
    ...settings,
  ]) {
    const thing = name.replace(PART, '');
    const group = groups.get(thing) ?? [];
    if (!group.includes(name)) groups.set(thing, [...group, name]);
  }
  const all = [...groups].flatMap(([title, members]) => pictures(title, members));
  const shown = all.slice(0, MOST_CHARTS);
  const charts = shown.map(({ title, members }, index): LineChart => {
    return {
      id: `metric-${index}`,
      title,
      curves: members.map((name) => ({
        name,
        points: points
          .filter(({ values }) => Object.hasOwn(values, name))
          .map(({ step, values }) => ({ x: step, y: values[name] ?? null })),
      })),
      x: { name: 'step', unit: 'whole' },
      y: { unit: 'number' },
    };
  });
  return { charts, left: all.slice(MOST_CHARTS).flatMap(({ members }) => members) };
}

/** As many as there are kinds of lines in each. */
function pictures(title: string, members: readonly string[]) {
  const pieces = Math.ceil(members.length / MOST_CURVES);
  return Array.from({ length: pieces }, (_, piece) => {
    const some = members.slice(piece * MOST_CURVES, (piece + 1) * MOST_CURVES);
    return { title: some.length === 1 ? (some[0] ?? title) : title, members: some };
  });
}
