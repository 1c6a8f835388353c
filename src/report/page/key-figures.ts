import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import type { FinalMetric } from '../final-metrics.ts';
import { type Markup, markup, NO_MARKUP } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';

/** The few numbers of a run that one looks for first. Pure. */

export interface KeyFigure {
  readonly name: string;
  readonly value: string;
  /** What it is to be seen against. */
  readonly beside: string;
}

export function figureList(figures: readonly KeyFigure[]): Markup {
  if (figures.length === 0) return NO_MARKUP;
  return markup`<dl class="figures">${figures.map(
    ({ name, value, beside }) =>
      markup`<div><dt>${name}</dt><dd>${value}${beside === '' ? NO_MARKUP : markup`<small>${beside}</small>`}</dd></div>`,
  )}</dl>
`;
}

const MIB = 1024 * 1024;

export function figuresOfRun({ manifest, metrics }: RunRecord): readonly KeyFigure[] {
  const { requested, used } = manifest.usage;
  const [metric] = metrics;
  const figures: KeyFigure[] = metric === undefined ? [] : [figureOfMetric(metric)];
  const { tasks } = manifest;
  if (tasks?.result !== undefined && tasks.result !== null)
    figures.push({
      name: 'Tasks completed',
      value: String(tasks.result.by_state['completed'] ?? 0),
      beside: `of ${tasks.count}`,
    });
  if (used.wall_seconds !== null)
    figures.push({
      name: 'Time running',
      value: secondsText(used.wall_seconds),
      beside: ofLimit(requested.time_seconds, secondsText),
    });
  if (used.max_rss_bytes !== null)
    figures.push({
      name: 'Peak memory',
      value: bytesText(used.max_rss_bytes),
      beside: ofLimit(requested.memory_mb, (megabytes) => bytesText(megabytes * MIB)),
    });
  if (used.cpu_seconds !== null && used.wall_seconds !== null && used.wall_seconds > 0)
    figures.push({
      name: 'CPUs busy',
      value: numberText(used.cpu_seconds / used.wall_seconds, 2),
      beside: ofLimit(requested.cpus, String),
    });
  return figures;
}

function ofLimit(limit: number | null, text: (value: number) => string): string {
  return limit === null ? '' : `of ${text(limit)}`;
}

function figureOfMetric(metric: FinalMetric): KeyFigure {
  const nearest = strongestOf(metric);
  return {
    name: metric.name,
    value: numberText(metric.value),
    beside: nearest === null ? '' : `${betterWords(nearest.delta)} ${nearest.name}`,
  };
}

type ComparedBaseline = FinalMetric['baselines'][number] & { readonly delta: number };

/** The baseline that the metric is the least ahead of. */
function strongestOf({ baselines }: FinalMetric): ComparedBaseline | null {
  const compared = baselines.filter((one): one is ComparedBaseline => one.delta !== null);
  return compared.reduce<ComparedBaseline | null>(
    (least, one) => (least === null || one.delta < least.delta ? one : least),
    null,
  );
}

/** To be followed by the name of a baseline. */
export function betterWords(delta: number): string {
  if (delta === 0) return 'equal to';
  return delta > 0 ? `${numberText(delta)} better than` : `${numberText(-delta)} worse than`;
}
