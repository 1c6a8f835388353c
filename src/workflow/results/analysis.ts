import { numberText } from '../../platform/units.ts';
import type { Hypothesis } from '../../project/backlog.ts';
import type { Baseline } from '../../project/design-baselines.ts';
import type { MetricMode, Metrics } from '../../project/design-metrics.ts';
import type { AnalysedMetric, AnalysedTarget, Analysis, Verdict } from './analysis-schema.ts';
import { decimalDifference, writtenDifference } from './decimal.ts';
import type { FoundMetric } from './metrics-document.ts';

/** What the metrics of a run come to: compared with baselines and with the target of the hypothesis. Pure. */

export interface Measured {
  readonly metrics: Metrics | null;
  readonly baselines: readonly Baseline[];
  readonly hypothesis: Hypothesis | null;
  /** By the name of the metric. */
  readonly found: ReadonlyMap<string, FoundMetric>;
}

export function compareMetrics({
  metrics,
  baselines,
  hypothesis,
  found,
}: Measured): Pick<Analysis, 'metrics' | 'target' | 'verdict'> {
  const primary = metrics?.primary ?? null;
  const names = [...(primary === null ? [] : [primary.name]), ...(metrics?.others ?? [])];
  const analysed = names.flatMap((name) => {
    const metric = found.get(name);
    if (metric === undefined) return [];
    const isPrimary = name === primary?.name;
    const mode = isPrimary ? primary.mode : null;
    const values = baselines.flatMap((baseline) => {
      const value = isPrimary ? baseline.value : (baseline.others[name] ?? null);
      return value === null ? [] : [{ name: baseline.name, value }];
    });
    return [
      {
        ...{ name, mode, primary: isPrimary, ...metric },
        baselines: values.map((baseline) => ({
          ...baseline,
          ...differenceFrom(metric.written ?? metric.value, baseline.value, mode),
        })),
      },
    ];
  });
  const target = targetOf(analysed, hypothesis);
  return { metrics: analysed, target, verdict: verdictOf(analysed, target) };
}

function differenceFrom(
  value: number | string,
  from: number,
  mode: MetricMode | null,
): { readonly difference: number | null; readonly delta: number | null } {
  const difference = decimalDifference(value, from);
  if (mode === null) return { difference, delta: null };
  return { difference, delta: mode === 'maximize' ? difference : decimalDifference(from, value) };
}

type Compared = AnalysedMetric['baselines'][number];

/** The baseline that the metric is the least ahead of; null if there is none. */
export function strongestBaseline({ baselines }: Pick<AnalysedMetric, 'baselines'>): Compared | null {
  return baselines.reduce<Compared | null>(
    (strongest, one) =>
      strongest === null || (one.delta ?? Infinity) < (strongest.delta ?? Infinity) ? one : strongest,
    null,
  );
}

/** By how much a metric must improve: for one that is minimized, a target below zero is a change of its value. */
function leastDelta(target: number, mode: MetricMode | null): number {
  return mode === 'minimize' ? Math.abs(target) : target;
}

function targetOf(analysed: readonly AnalysedMetric[], hypothesis: Hypothesis | null): AnalysedTarget | null {
  if (hypothesis === null) return null;
  const { success_metric: wanted, target_delta: target } = hypothesis;
  if (wanted === null && target === null) return null;
  const primary = analysed.find((metric) => metric.primary) ?? null;
  const unknown = { metric: wanted ?? primary?.name ?? null, target_delta: target, baseline: null, delta: null };
  const unjudged = (reason: string): AnalysedTarget => ({ ...unknown, met: null, reason });
  if (primary === null) return unjudged('the design declares no primary metric');
  if (wanted !== null && wanted !== primary.name)
    return unjudged(`the primary metric of the design is ${primary.name}, not ${wanted}`);
  if (target === null) return unjudged('the hypothesis gives no target_delta');
  const strongest = strongestBaseline(primary);
  if (strongest === null) return unjudged('the design gives no baseline to compare with');
  if (strongest.delta === null) return unjudged('the difference is too large for a number');
  return { ...unknown, ...judged(primary, { ...strongest, delta: strongest.delta }, target) };
}

function judged(
  metric: AnalysedMetric,
  strongest: Compared & { readonly delta: number },
  target: number,
): Pick<AnalysedTarget, 'baseline' | 'delta' | 'met' | 'reason'> {
  const { name: baseline, delta } = strongest;
  const least = leastDelta(target, metric.mode);
  const asked = least >= 0 ? `${least} better` : `at most ${-least} worse`;
  const reason = `${betterBy(writtenDelta(metric, strongest))} ${baseline}; the target is ${asked}`;
  return { baseline, delta, met: delta >= least, reason };
}

/** For people: every digit; of a mean, as many as mean something. */
export function writtenValue({
  written,
  value,
  mean_of,
}: Pick<AnalysedMetric, 'written' | 'value' | 'mean_of'>): string {
  return mean_of === undefined ? (written ?? String(value)) : numberText(value, MEAN_DIGITS);
}

const MEAN_DIGITS = 6;

export function writtenDelta(metric: AnalysedMetric, { value }: Compared): string {
  const own = metric.written ?? metric.value;
  const delta = metric.mode === 'minimize' ? writtenDifference(value, own) : writtenDifference(own, value);
  return metric.mean_of === undefined ? delta : numberText(Number(delta), MEAN_DIGITS);
}

/** A difference in words, to be followed by the name of a baseline. */
export function betterBy(delta: string): string {
  if (delta === '0') return 'equal to';
  return delta.startsWith('-') ? `${delta.slice(1)} worse than` : `${delta} better than`;
}

function verdictOf(analysed: readonly AnalysedMetric[], target: AnalysedTarget | null): Verdict {
  if (analysed.length === 0) return 'no_metrics';
  if (target !== null && target.met !== null) return target.met ? 'target_met' : 'target_missed';
  const primary = analysed.find((metric) => metric.primary);
  const strongest = primary === undefined ? null : strongestBaseline(primary);
  if (strongest === null || strongest.delta === null) return 'measured';
  return strongest.delta > 0 ? 'better' : 'not_better';
}
