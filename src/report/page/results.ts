import { numberText } from '../../platform/units.ts';
import { analysedTasks } from '../../workflow/results/analysed-tasks.ts';
import { valueOfWords } from '../../workflow/results/value-of.ts';
import { lineChart } from '../charts/line-chart.ts';
import type { FinalMetric } from '../final-metrics.ts';
import { cutText, type Markup, markup, NO_MARKUP } from '../markup.ts';
import { metricCharts } from '../metric-charts.ts';
import type { RunRecord } from '../read-record.ts';
import type { TasksOfRun } from '../tasks/tasks-of-run.ts';
import { betterWords } from './key-figures.ts';
import type { PageSection } from './shell.ts';
import { type DataRow, dataTable, firstOfMany, noteText } from './tables.ts';

/** What a run measured: final values beside their baselines, and curves. Pure. */

const MOST_METRICS = 40;
const MOST_BASELINES = 12;
const LONGEST_NAME = 120;

export function resultsSection({ metrics, curves, tasks }: RunRecord): PageSection | null {
  if (metrics.length === 0 && curves === null) return null;
  const drawn =
    curves === null
      ? null
      : metricCharts(
          curves,
          metrics.map(({ name }) => name),
        );
  const charts = (drawn?.charts ?? []).map((chart) =>
    lineChart({ ...chart, title: cutText(chart.title, LONGEST_NAME) }),
  );
  const notes = [
    tasks === null || metrics.length === 0 ? null : `These values are ${cutText(valueWordsOf(tasks), 300)}.`,
    drawn === null || drawn.left.length === 0 ? null : `${drawn.left.length} more metrics are in metrics.jsonl.`,
    curves === null || curves.bad_lines === 0
      ? null
      : `${curves.bad_lines === 1 ? '1 line' : `${curves.bad_lines} lines`} of metrics.jsonl cannot be read.`,
  ].filter((note) => note !== null);
  return {
    id: 'results',
    name: 'Results',
    body: markup`${finalValues(metrics)}${chartGrid(charts)}${notes.map(noteText)}`,
  };
}

function valueWordsOf({ measured, valued, read }: TasksOfRun): string {
  return valueOfWords(analysedTasks({ measured, valued, completed: read.length, unmeasured: 0, file: '' }));
}

/** Pictures side by side. */
export function chartGrid(charts: readonly (Markup | null)[]): Markup {
  const drawn = charts.filter((chart) => chart !== null);
  return drawn.length === 0
    ? NO_MARKUP
    : markup`<div class="charts">
${drawn}</div>
`;
}

const WAYS = { maximize: 'higher is better', minimize: 'lower is better' } as const;

function finalValues(metrics: readonly FinalMetric[]): Markup {
  if (metrics.length === 0) return NO_MARKUP;
  const { first, left } = firstOfMany(metrics, MOST_METRICS);
  const columns = [
    { name: 'Metric' },
    { name: 'Value', number: true },
    { name: 'Baseline' },
    { name: 'Its value', number: true },
    { name: 'The run is', number: true },
  ];
  const hasBaselines = metrics.some(({ baselines }) => baselines.length > 0);
  const table = dataTable({
    name: 'Final values',
    columns: hasBaselines ? columns : columns.slice(0, 2),
    rows: first.flatMap((metric) => rowsOfMetric(metric, hasBaselines)),
  });
  return markup`${table}${left > 0 ? noteText(`${left} more are in the metrics file.`) : NO_MARKUP}`;
}

function rowsOfMetric({ name, value, mode, baselines }: FinalMetric, hasBaselines: boolean): readonly DataRow[] {
  const main = mode !== null;
  const way = mode === null ? NO_MARKUP : markup` <span class="soft">${WAYS[mode]}</span>`;
  const own = [markup`${cutText(name, LONGEST_NAME)}${way}`, numberText(value)];
  if (!hasBaselines) return [{ main, cells: own }];
  if (baselines.length === 0) return [{ main, cells: [...own, '', '', ''] }];
  return baselines.slice(0, MOST_BASELINES).map((baseline, index) => ({
    main,
    cells: [
      ...(index === 0 ? own : ['', '']),
      cutText(baseline.name, LONGEST_NAME),
      numberText(baseline.value),
      baseline.delta === null ? '' : betterWords(baseline.delta).replace(/ (?:than|to)$/, ''),
    ],
  }));
}
