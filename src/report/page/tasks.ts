import { bytesText, secondsText } from '../../platform/units.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { SEEN_STATES, type SeenState, stateBar, stateMap } from '../charts/tasks/state-map.ts';
import { lastLogLines } from '../log-text.ts';
import { type Markup, markup, NO_MARKUP } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import { taskChart } from '../tasks/task-chart.ts';
import type { TasksOfRun } from '../tasks/tasks-of-run.ts';
import type { PageSection } from './shell.ts';
import { dataTable, noteText, textBlock } from './tables.ts';
import { settingsTable, type ShownMetric, statisticsTable, taskTable } from './task-tables.ts';

/** The tasks of a run: how they ended, what they measured by their parameters, and those that failed. Pure. */

export function tasksSection(record: RunRecord): PageSection | null {
  const { manifest, tasks, tasksNow } = record;
  if (manifest.tasks === undefined) return null;
  const { result } = manifest.tasks;
  const sentence = markup`<p>${sentenceOf(manifest.tasks)}</p>
`;
  const section = (body: Markup): PageSection => ({ id: 'tasks', name: 'Tasks', body: markup`${sentence}${body}` });
  // Whoever waits for a long run sees how far it is.
  if (tasksNow.length > 0)
    return section(markup`${stateBar(countsOf(tasksNow))}${noteText(OPEN)}${stateFigure(tasksNow)}`);
  const ended = new Map(Object.entries(result?.by_state ?? {}).filter(isSeen));
  const measured = tasks === null ? noteText(CHANGED) : measuredPart(record, tasks);
  return section(markup`${stateBar(ended)}${measured}${usageOf(result)}${logsOf(record)}`);
}

const OPEN = 'The run is open: this is how far its tasks are. See each of them with autolab tasks.';
const CHANGED = 'The list of results is gone, or is not the one that was recorded.';

function countsOf(states: readonly SeenState[]): ReadonlyMap<SeenState, number> {
  const counts = new Map<SeenState, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

type TasksSummary = NonNullable<Manifest['tasks']>;

function isSeen(entry: [string, number]): entry is [SeenState, number] {
  return SEEN_STATES.some((state) => state === entry[0]);
}

function sentenceOf({ count, parameters, result }: TasksSummary): string {
  const names = parameters.slice(0, 12).map(({ name, values }) => `${name} (${values})`);
  const left = parameters.length - names.length;
  const words = `${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  const reused = result === null || result.reused === 0 ? '' : ` ${result.reused} were taken over from an earlier run.`;
  const completed = result === null ? '' : `${result.by_state['completed'] ?? 0} of `;
  const ended = result === null ? '' : ' completed';
  return `${completed}${count} ${count === 1 ? 'task' : 'tasks'}${ended}. Parameters, with their number of values: ${words}.${reused}`;
}

function measuredPart({ manifest, metrics }: RunRecord, tasks: TasksOfRun): Markup {
  const primary = primaryOf(metrics);
  const chart = primary === null ? null : taskChart({ tasks, ...primary });
  const parameters = (manifest.tasks?.parameters ?? []).map(({ name }) => name);
  return markup`${chart ?? stateFigure(tasks.results.map(({ state }) => state))}${statisticsTable(tasks)}${settingsTable(tasks, primary?.name ?? null)}${taskTable(tasks, parameters, primary)}`;
}

function primaryOf(metrics: RunRecord['metrics']): ShownMetric | null {
  const found = metrics.find(({ mode }) => mode !== null);
  return found === undefined || found.mode === null ? null : { name: found.name, mode: found.mode };
}

function stateFigure(states: readonly SeenState[]): Markup {
  if (states.length < 2) return NO_MARKUP;
  const map = stateMap('states', states);
  return markup`<figure class="map">
<figcaption>Each task by its state, in the order of their indices</figcaption>
<div class="wide" tabindex="0" role="region" aria-label="Tasks by state">${map}</div>
</figure>
`;
}

function usageOf(result: TasksSummary['result']): Markup {
  if (result === null) return NO_MARKUP;
  const rows = (
    [
      ['Time running', result.wall_seconds, secondsText],
      ['CPU time', result.cpu_seconds, secondsText],
      ['Peak memory', result.max_rss_bytes, bytesText],
    ] as const
  ).flatMap(([name, amounts, text]) =>
    amounts === null
      ? []
      : [{ cells: [name, text(amounts.median), text(amounts.max), name === 'Peak memory' ? '' : text(amounts.sum)] }],
  );
  if (rows.length === 0) return NO_MARKUP;
  return markup`<h3>What the tasks used</h3>
${dataTable({
  name: 'What the tasks used',
  columns: [
    { name: 'Each' },
    { name: 'Median', number: true },
    { name: 'Largest', number: true },
    { name: 'All together', number: true },
  ],
  rows,
})}`;
}

function logsOf({ taskLogs }: RunRecord): Markup {
  if (taskLogs.length === 0) return NO_MARKUP;
  const blocks = taskLogs.map(({ index, name, text }) => {
    const title = `Task ${index}: ${name}`;
    return markup`<h4>${title}</h4>
${textBlock(title, lastLogLines(text).slice(-15).join('\n'))}`;
  });
  return markup`<h3>Logs of the first tasks that failed</h3>
${blocks}`;
}
