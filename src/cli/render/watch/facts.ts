import type { WatchedRun } from '../../../index.ts';
import { bar } from '../../../platform/terminal/bar.ts';
import type { Glyphs } from '../../../platform/terminal/glyphs.ts';
import { sparkline } from '../../../platform/terminal/sparkline.ts';
import { columnsOf } from '../../../platform/terminal/width.ts';
import { bytesText, numberText, secondsText } from '../../../platform/units.ts';
import { endedShare, taskCounts } from '../progress.ts';
import { visible } from '../visible.ts';
import { column, type ScreenLine, type Span, span, type Style } from './spans.ts';

/** What a run takes and reaches: a row each, with a name, a picture and words. Pure. */

interface Row {
  readonly name: string;
  readonly picture: (columns: number) => Span;
  readonly words: string;
  readonly style: Style;
}

/** From here on a limit is near. */
const NEAR = 0.9;
const MOST_NAME = 20;

export function factLines(run: WatchedRun, width: number, glyphs: Glyphs, most: number): readonly ScreenLine[] {
  const rows = chosen(usageRows(run, glyphs), metricRows(run, glyphs), most);
  const longest = Math.max(6, ...rows.map(({ name }) => columnsOf(name)));
  const named = Math.min(longest, MOST_NAME, Math.max(6, Math.floor(width / 4)));
  const drawn = picturedColumns(width);
  return rows.map(({ name, picture, words, style }) => {
    const shown = drawn === 0 ? [] : [picture(drawn), span('  ')];
    return [column(name, named, style), span('  '), ...shown, span(words)];
  });
}

/** Where there is no room for all: the limits and the metric to judge by come first. */
function chosen(usage: readonly Row[], metrics: readonly Row[], most: number): readonly Row[] {
  const all = [...usage, ...metrics];
  const [primary] = metrics;
  const isFirst = (row: Row): boolean => ['tasks', 'time', 'memory'].includes(row.name) || row === primary;
  const few = [...all.filter(isFirst), ...all.filter((row) => !isFirst(row))].slice(0, Math.max(0, most));
  return all.filter((row) => few.includes(row));
}

function picturedColumns(width: number): number {
  if (width < 36) return 0;
  return width < 60 ? 10 : Math.min(48, Math.floor(width * 0.36));
}

function usageRows(run: WatchedRun, glyphs: Glyphs): readonly Row[] {
  return [
    tasksRow(run, glyphs),
    timeRow(run, glyphs),
    memoryRow(run, glyphs),
    cpuRow(run, glyphs),
    ...gpuRows(run, glyphs),
  ].filter((row) => row !== null);
}

function tasksRow({ tasks }: WatchedRun, glyphs: Glyphs): Row | null {
  if (tasks === null) return null;
  return row('tasks', taskCounts(tasks), (columns) =>
    span(bar(endedShare(tasks), columns, glyphs), tasks.failed > 0 ? 'bad' : 'good'),
  );
}

function timeRow({ elapsed_seconds: elapsed, requested }: WatchedRun, glyphs: Glyphs): Row | null {
  if (elapsed === null) return null;
  const limit = requested.time_seconds;
  if (limit === null) return row('time', `${wholeSeconds(elapsed)}, no limit`, () => span(''));
  const share = limit === 0 ? 1 : elapsed / limit;
  const words = `${wholeSeconds(elapsed)} of ${secondsText(limit)}  ${percent(share)}`;
  return row('time', words, (columns) => barOf(share, columns, glyphs));
}

function memoryRow(run: WatchedRun, glyphs: Glyphs): Row | null {
  const { memory_bytes: used, memory_peak_bytes: peak, requested, memory_series: series } = run;
  const shown = run.phase === 'closed' ? (peak ?? used) : (used ?? peak);
  if (shown === null) return null;
  const highest = peak !== null && run.phase !== 'closed' && peak > shown ? `, peak ${bytesText(peak)}` : '';
  const limit = requested.memory_bytes;
  if (limit === null)
    return row('memory', `${bytesText(shown)}${highest}`, (columns) => curveOf(series, columns, glyphs));
  const words = `${bytesText(shown)} of ${bytesText(limit)}${highest}`;
  return row('memory', words, (columns) => barOf(shown / limit, columns, glyphs));
}

function cpuRow({ cpu, cpu_series: series, requested: { cpus } }: WatchedRun, glyphs: Glyphs): Row | null {
  if (cpu === null) return null;
  const words = `${numberText(cpu, 2)}${cpus === null ? '' : ` of ${cpus}`} cores`;
  return row('cpu', words, (columns) => curveOf(series, columns, glyphs));
}

function gpuRows({ gpu }: WatchedRun, glyphs: Glyphs): readonly Row[] {
  return gpu.map(({ util, memory_bytes: memory }, index) => {
    const words = [util === null ? '' : `${numberText(util, 3)} %`, memory === null ? '' : bytesText(memory)];
    return row(`gpu ${index}`, words.filter((word) => word !== '').join(', '), (columns) =>
      span(util === null ? ' '.repeat(columns) : bar(util / 100, columns, glyphs), 'accent'),
    );
  });
}

function metricRows({ metrics, metrics_step: step }: WatchedRun, glyphs: Glyphs): readonly Row[] {
  return metrics.map(({ name, last, series }, index) => ({
    ...row(
      visible(name),
      `${numberText(last)}${index === 0 && step !== null ? `  step ${numberText(step, 12)}` : ''}`,
      (columns) => curveOf(series, columns, glyphs),
    ),
    style: index === 0 ? 'bold' : 'plain',
  }));
}

function row(name: string, words: string, picture: Row['picture']): Row {
  return { name, words, style: 'plain', picture: (columns) => padded(picture(columns), columns) };
}

function padded({ text, style }: Span, columns: number): Span {
  return column(text, columns, style);
}

function barOf(share: number, columns: number, glyphs: Glyphs): Span {
  return span(bar(share, columns, glyphs), share >= 1 ? 'bad' : share >= NEAR ? 'warn' : 'good');
}

function curveOf(series: readonly number[], columns: number, glyphs: Glyphs): Span {
  return span(sparkline(series, columns, glyphs), 'accent');
}

/** A time that is looked at while it passes has no fractions. */
export function wholeSeconds(seconds: number): string {
  return secondsText(Math.floor(seconds));
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
