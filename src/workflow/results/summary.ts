import { numberText } from '../../platform/units.ts';
import { betterBy, strongestBaseline, writtenDelta, writtenValue } from './analysis.ts';
import type { AnalysedMetric, AnalysedTasks, Analysis, Verdict } from './analysis-schema.ts';
import { oneLine } from './markdown-text.ts';
import { valueOfWords } from './value-of.ts';

/** `experiments/ID/summary.md`: what every analysed run of an experiment came to, for people. Pure; the analyses alone decide. */

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  target_met: 'target met',
  target_missed: 'target missed',
  better: 'better than every baseline',
  not_better: 'not better than every baseline',
  measured: 'measured',
  no_metrics: 'no metrics',
};

export function verdictWords({ verdict }: Pick<Analysis, 'verdict'>): string {
  return VERDICT_WORDS[verdict];
}

/** With what was changed after the launch: it may have made the verdict. */
export function verdictNote(analysis: Pick<Analysis, 'verdict' | 'design' | 'target'>): string {
  const notes = [
    ...(analysis.design.as_launched ? [] : ['design changed after the run']),
    ...(analysis.target?.as_launched === false ? ['target as of now'] : []),
  ];
  return `${verdictWords(analysis)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** By the time of the run, then by its id: the order of every table. */
export function inOrderOfRuns(analyses: readonly Analysis[]): readonly Analysis[] {
  const key = ({ run, iteration_id }: Analysis): string => `${run.started_at}\n${iteration_id}\n${run.run_id}`;
  return analyses.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function primaryOf({ metrics }: Pick<Analysis, 'metrics'>): AnalysedMetric | null {
  return metrics.find(({ primary }) => primary) ?? null;
}

/** `iterationId`: the name of the folder. */
export function summaryText(iterationId: string, analyses: readonly Analysis[]): string {
  const sections = inOrderOfRuns(analyses).map(sectionOf);
  return `# Results of ${oneLine(iterationId)}\n\nWritten by \`autolab extract\`.\n${sections.join('')}`;
}

function sectionOf(analysis: Analysis): string {
  const { run, target, source } = analysis;
  const facts = [
    `**${verdictNote(analysis)}**${target === null ? '' : `: ${oneLine(target.reason)}`}`,
    `commit ${run.commit === null ? 'unknown' : run.commit.slice(0, 12)}${run.dirty === true ? ', with uncommitted changes' : ''}`,
    `${oneLine(run.launch_mode)}${run.job_id === null ? '' : `, job ${oneLine(run.job_id)}`}, started ${run.started_at}${timeOf(run.usage.wall_seconds)}`,
    ...(analysis.tasks === null ? [] : taskFacts(analysis.tasks)),
    source === null ? 'the design declares no metrics' : `from \`${oneLine(source.file)}\` (SHA-256 ${source.sha256})`,
    ...(analysis.design.as_launched
      ? []
      : ['the design was changed after the launch; the values are those of the run']),
  ];
  const list = facts.map((fact) => `- ${fact}\n`).join('');
  return `\n## Run ${oneLine(run.run_id)}\n\n${list}${tableOf(analysis.metrics)}${settingsOf(analysis.tasks)}`;
}

function taskFacts(tasks: AnalysedTasks): readonly string[] {
  const { count, completed, unmeasured, metrics } = tasks;
  const missing = unmeasured === 0 ? '' : `, ${unmeasured} of them without a metric`;
  const ranges = metrics.map(
    ({ name, n, mean, standard_deviation, min, max }) =>
      `${oneLine(name)} over ${n} tasks: mean ${shortOr(mean)}, standard deviation ${shortOr(standard_deviation)}, from ${numberText(min, 6)} to ${numberText(max, 6)}`,
  );
  return [
    `${completed} of ${count} tasks completed${missing}; the values are ${oneLine(valueOfWords(tasks))}`,
    ...ranges,
  ];
}

const MOST_SETTINGS = 20;

/** The best first; empty if no setting is repeated. */
function settingsOf(tasks: AnalysedTasks | null): string {
  const [first] = tasks?.by_setting ?? [];
  if (tasks === null || first === undefined) return '';
  const names = Object.keys(first.params).toSorted();
  const rows = tasks.by_setting.slice(0, MOST_SETTINGS).map(({ params, n, mean, standard_deviation, min, max }) => {
    const values = names.map((name) => oneLine(params[name] ?? ''));
    return [...values, String(n), shortOr(mean), shortOr(standard_deviation), numberText(min, 6), numberText(max, 6)];
  });
  const head = [...names.map(oneLine), 'tasks', 'mean', 'standard deviation', 'least', 'most'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  const left = tasks.settings - rows.length;
  return `\n${lines.join('')}${left > 0 ? `\n${left} more settings are in the analysis.\n` : ''}`;
}

function shortOr(value: number | null): string {
  return value === null ? '-' : numberText(value, 6);
}

function timeOf(seconds: number | null): string {
  return seconds === null ? '' : `, ${seconds} s`;
}

function tableOf(metrics: readonly AnalysedMetric[]): string {
  if (metrics.length === 0) return '';
  const rows = metrics.map((metric) => {
    const strongest = strongestBaseline(metric);
    const compared =
      strongest === null
        ? '-'
        : strongest.delta === null
          ? `${oneLine(strongest.name)}: ${strongest.value}`
          : `${betterBy(writtenDelta(metric, strongest))} ${oneLine(strongest.name)} (${strongest.value})`;
    return `| ${oneLine(metric.name)} | ${writtenValue(metric)} | ${metric.mode ?? '-'} | ${compared} |\n`;
  });
  return `\n| metric | value | direction | compared |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}
