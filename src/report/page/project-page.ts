import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import type { Curve } from '../charts/curve.ts';
import { lineChart } from '../charts/line-chart.ts';
import { cutText, type Markup, markup, NO_MARKUP } from '../markup.ts';
import { type PageSection, pageText } from './shell.ts';
import { type Column, dataTable, firstOfMany, noteText } from './tables.ts';
import type { VerdictWords } from './verdict.ts';

/** All runs of a project on one page, best first. Pure. */

export interface ProjectRun {
  readonly iteration_id: string;
  readonly run_id: string;
  /** UTC, RFC 3339; null if the journal cannot be read. */
  readonly started_at: string | null;
  readonly verdict: VerdictWords;
  readonly code: string | null;
  /** Those that completed, of all; null if it has one, or is open. */
  readonly tasks: { readonly completed: number; readonly count: number } | null;
  /** The primary metric of its design; null if it was not measured. */
  readonly metric: RunMetric | null;
  /** Null if it is not over. */
  readonly seconds: number | null;
  readonly most_seconds: number | null;
  readonly memory_bytes: number | null;
  readonly most_memory_bytes: number | null;
  /** By name. */
  readonly arguments: ReadonlyMap<string, string>;
  readonly commit: string | null;
  readonly dirty: boolean;
  /** Its page, from this one; null if there is none. */
  readonly page: string | null;
}

export interface RunMetric {
  readonly name: string;
  readonly value: number;
  /** Ahead of the strongest baseline; null without one. */
  readonly delta: number | null;
  readonly mode: 'maximize' | 'minimize';
}

/** So many rows a page can have; beyond it would be too heavy to open. */
const MOST_ROWS = 1500;
const MOST_ARGUMENTS = 96;
const LONGEST_WHOLE = 24;

/** The same runs give the same bytes, in whatever order they come. */
export function renderProjectPage(runs: readonly ProjectRun[]): string {
  const ordered = [...runs].sort(byStart);
  const groups = groupsOf(ordered);
  const rest = ordered.filter(({ metric }) => metric === null).reverse();
  let room = MOST_ROWS;
  const sections = groups.map((group, index): PageSection => {
    const most = room;
    room = Math.max(0, room - group.best.length);
    return { id: `metric-${index + 1}`, name: nameOf(group), body: bodyOf(group, index, most) };
  });
  const others: readonly PageSection[] =
    rest.length === 0 ? [] : [{ id: 'others', name: 'Without a result', body: tableOf(rest, null, room) }];
  return pageText({
    title: `${countText(runs.length)} of this project`,
    head: headOf(ordered, groups),
    sections: [...sections, ...others],
    foot: markup`Made from the records of the runs alone. To check it: <code>autolab report --all --check</code>`,
  });
}

/** Runs with the same metric. */
interface MetricGroup {
  readonly name: string;
  readonly mode: RunMetric['mode'];
  /** In the order in which they began. */
  readonly runs: readonly Measured[];
  readonly best: readonly Measured[];
}

type Measured = ProjectRun & { readonly metric: RunMetric };

/** The one with the most runs first. */
function groupsOf(ordered: readonly ProjectRun[]): readonly MetricGroup[] {
  const groups = new Map<string, Measured[]>();
  for (const run of ordered) {
    if (run.metric === null) continue;
    const key = `${run.metric.mode} ${run.metric.name}`;
    const measured = { ...run, metric: run.metric };
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [measured]);
    else group.push(measured);
  }
  return [...groups]
    .sort(([a, first], [b, second]) => second.length - first.length || compared(a, b))
    .flatMap(([, found]) => {
      const [first] = found;
      if (first === undefined) return [];
      const { name, mode } = first.metric;
      const sign = mode === 'maximize' ? -1 : 1;
      return [{ name, mode, runs: found, best: [...found].sort((a, b) => sign * (a.metric.value - b.metric.value)) }];
    });
}

function byStart(a: ProjectRun, b: ProjectRun): number {
  return (
    compared(a.started_at ?? '', b.started_at ?? '') ||
    compared(a.iteration_id, b.iteration_id) ||
    compared(a.run_id, b.run_id)
  );
}

/** Not `localeCompare`, which asks the machine. */
function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nameOf({ name, mode }: MetricGroup): string {
  return `${cutText(name, 80)} (${mode === 'maximize' ? 'higher' : 'lower'} is better)`;
}

function countText(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}

function headOf(runs: readonly ProjectRun[], groups: readonly MetricGroup[]): Markup {
  const counts = new Map<string, number>();
  for (const { verdict } of runs) counts.set(verdict.word, (counts.get(verdict.word) ?? 0) + 1);
  const words = [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word.toLowerCase()}`);
  const figures = groups
    .slice(0, 4)
    .flatMap(({ name, best: [first] }) =>
      first === undefined
        ? []
        : [
            markup`<div><dt>Best ${cutText(name, 40)}</dt><dd>${numberText(first.metric.value)}<small>${linkTo(first)}</small></dd></div>`,
          ],
    );
  return markup`<div class="verdict calm">
<p class="names">All runs of this project</p>
<h1>${countText(runs.length)}</h1>
<p class="message">${words.join(', ')}</p>
</div>
${figures.length === 0 ? NO_MARKUP : markup`<dl class="figures">${figures}</dl>`}
`;
}

function bodyOf(group: MetricGroup, index: number, most: number): Markup {
  const chart = chartOf(group, index);
  const shown = chart === null ? NO_MARKUP : markup`<div class="charts">${chart}</div>`;
  return markup`${shown}${tableOf(group.best, group, most)}`;
}

/** How the metric went from run to run. Null if that is no line. */
function chartOf({ name, mode, runs }: MetricGroup, index: number): Markup | null {
  if (runs.length < 2) return null;
  const first = Date.parse(runs[0]?.started_at ?? '');
  const better = mode === 'maximize' ? Math.max : Math.min;
  const each: { x: number; y: number }[] = [];
  const best: { x: number; y: number }[] = [];
  let soFar: number | null = null;
  for (const { started_at, metric } of runs) {
    const x = (Date.parse(started_at ?? '') - first) / 1000;
    soFar = soFar === null ? metric.value : better(soFar, metric.value);
    each.push({ x, y: metric.value });
    best.push({ x, y: soFar });
  }
  const curves: readonly Curve[] = [
    { name: 'each run', points: each, dots: true },
    { name: 'best so far', points: best },
  ];
  return lineChart({
    id: `chart-${index + 1}`,
    title: cutText(name, 80),
    curves,
    x: { name: 'time since the first run', unit: 'seconds' },
    y: { unit: 'number' },
  });
}

function tableOf(runs: readonly ProjectRun[], group: MetricGroup | null, most: number): Markup {
  const { first, left } = firstOfMany(runs, most);
  const hasDelta = first.some(({ metric }) => typeof metric?.delta === 'number');
  const names = differing(runs);
  const columns: readonly Column[] = [
    { name: 'Run' },
    { name: 'Outcome' },
    ...(group === null ? [] : [{ name: cutText(group.name, 40), number: true }]),
    ...(hasDelta ? [{ name: 'To baseline', number: true }] : []),
    { name: 'Time', number: true },
    { name: 'Memory', number: true },
    ...(names.length === 0 ? [] : [{ name: 'Arguments that differ' }]),
    { name: 'Code' },
  ];
  const rows = first.map((run, index) => ({
    main: group !== null && index === 0,
    cells: [
      markup`${linkTo(run)}<br><span class="soft">${run.iteration_id} <span class="keep">${minuteOf(run.started_at)}</span></span>`,
      markup`<span class="tone keep ${run.verdict.tone}">${run.verdict.word}</span>${tasksOf(run)}`,
      ...(group === null || run.metric === null ? [] : [numberText(run.metric.value)]),
      ...(hasDelta ? [signed(run.metric?.delta ?? null)] : []),
      usedOf(run.seconds, run.most_seconds, secondsText),
      usedOf(run.memory_bytes, run.most_memory_bytes, bytesText),
      ...(names.length === 0 ? [] : [cutText(argumentsOf(run, names), MOST_ARGUMENTS)]),
      run.commit === null
        ? ''
        : markup`<span class="digest keep">${run.commit.slice(0, 8)}${run.dirty ? ' +' : ''}</span>`,
    ],
  }));
  const name = group === null ? 'Runs without a result' : `Runs by ${cutText(group.name, 80)}`;
  const notes = [
    ...(first.some(({ dirty }) => dirty) ? ['+ with uncommitted changes, which the record has.'] : []),
    ...(left === 0 ? [] : [`${countText(left)} more: autolab runs --all`]),
  ];
  return markup`${dataTable({ name, columns, rows })}${notes.map(noteText)}`;
}

function tasksOf({ tasks }: ProjectRun): Markup {
  if (tasks === null) return NO_MARKUP;
  return markup`<br><span class="soft keep">${tasks.completed} of ${tasks.count} tasks</span>`;
}

function linkTo({ run_id, page }: ProjectRun): Markup {
  // Ids that autolab makes stay in one piece; a long one may be broken.
  const id = run_id.length > LONGEST_WHOLE ? markup`${run_id}` : markup`<span class="keep">${run_id}</span>`;
  return page === null ? id : markup`<a href="${page}">${id}</a>`;
}

/** `2026-11-24 03:15`: UTC, as in the record. */
function minuteOf(at: string | null): string {
  return at === null ? 'unreadable' : at.slice(0, 16).replace('T', ' ');
}

function usedOf(used: number | null, asked: number | null, text: (value: number) => string): Markup {
  if (used === null) return NO_MARKUP;
  return asked === null || asked === 0
    ? markup`${text(used)}`
    : markup`${text(used)}<br><span class="soft">of ${text(asked)}</span>`;
}

function signed(delta: number | null): string {
  if (delta === null) return '';
  return delta > 0 ? `+${numberText(delta, 3)}` : numberText(delta, 3).replace('-', '\u2212');
}

/** The names of which not all runs have the same value. */
function differing(runs: readonly ProjectRun[]): readonly string[] {
  const values = new Map<string, Set<string | null>>();
  for (const run of runs) for (const name of run.arguments.keys()) values.set(name, new Set());
  for (const run of runs) for (const [name, set] of values) set.add(run.arguments.get(name) ?? null);
  return [...values].filter(([, set]) => set.size > 1).map(([name]) => name);
}

function argumentsOf(run: ProjectRun, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const value = run.arguments.get(name);
      return value === undefined ? [] : [`${name}=${value}`];
    })
    .join(' ');
}
