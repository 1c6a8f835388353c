import type { LaunchEvent, RunUse, TasksNow, WorkDone } from '../../events/events.ts';
import { bar } from '../../platform/terminal/bar.ts';
import type { Glyphs } from '../../platform/terminal/glyphs.ts';
import { filled, fitted } from '../../platform/terminal/width.ts';
import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import { visible } from './visible.ts';

/** The lines below a step that waits: bars of its limits or of its work, and the last line of the log. Pure. */

type Progress = Extract<LaunchEvent, { type: 'progress' }>;

const INDENT = '  ';
const NAME = 8;
/** Work that ends sooner needs no bar. */
const SLOW_SECONDS = 2;

export function progressLines(progress: Progress, width: number, glyphs: Glyphs): readonly string[] {
  const { use, work, tasks, last_line: last, elapsed_seconds: elapsed } = progress;
  const columns = width < 40 ? 10 : Math.min(40, Math.floor(width * 0.35));
  const lines = use === undefined ? [] : [...useLines(use, elapsed, columns, glyphs)];
  if (tasks !== undefined && tasks.count > 0)
    lines.push(row('tasks', bar(endedShare(tasks), columns, glyphs), taskCounts(tasks)));
  if (work !== undefined && work.total > 0 && elapsed >= SLOW_SECONDS)
    lines.push(workLine(work, elapsed, Math.floor(columns * 0.6), glyphs));
  // No log is that of all tasks.
  else if (last !== null && tasks === undefined) lines.push(`│ ${visible(last)}`);
  return lines.map((line) => fitted(INDENT + line, width));
}

function useLines(use: RunUse, elapsed: number, columns: number, glyphs: Glyphs): readonly string[] {
  const { time_limit_seconds: limit, memory_bytes: memory, memory_requested_bytes: asked, metrics } = use;
  const lines: string[] = [];
  if (limit !== null && limit > 0) {
    const share = elapsed / limit;
    lines.push(row('time', bar(share, columns, glyphs), `${whole(elapsed)} of ${secondsText(limit)}`));
  }
  if (memory !== null && asked !== null)
    lines.push(row('memory', bar(memory / asked, columns, glyphs), `${bytesText(memory)} of ${bytesText(asked)}`));
  if (metrics.length > 0)
    lines.push(metrics.map(({ name, value }) => `${visible(name)} ${numberText(value)}`).join(INDENT));
  return lines;
}

/** From 0 to 1. */
export function endedShare({ count, waiting, running }: TasksNow): number {
  return count === 0 ? 0 : (count - waiting - running) / count;
}

/** `12/40  8 running  1 failed`: those that ended of all, and what is not completed or waits. */
export function taskCounts(tasks: TasksNow): string {
  const ended = tasks.count - tasks.waiting - tasks.running;
  const others = (['running', 'failed', 'cancelled'] as const).filter((state) => tasks[state] > 0);
  return [`${ended}/${tasks.count}`, ...others.map((state) => `${tasks[state]} ${state}`)].join(INDENT);
}

function workLine({ what, done, total, unit }: WorkDone, elapsed: number, columns: number, glyphs: Glyphs): string {
  const rate = elapsed > 0 ? done / elapsed : 0;
  const words = [
    unit === 'bytes' ? `${bytesText(done)} of ${bytesText(total)}` : `${count(done)} of ${count(total)} files`,
    rate > 0 ? `${unit === 'bytes' ? bytesText(rate) : count(rate)}/s` : '',
    rate > 0 ? `${whole((total - done) / rate)} left` : '',
  ];
  return `${what}  ${bar(done / total, columns, glyphs)}  ${words.filter((word) => word !== '').join(', ')}`;
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function row(name: string, picture: string, words: string): string {
  return `${filled(name, NAME)}${picture}  ${words}`;
}

/** Never less than nothing: more may be done than was expected. */
function whole(seconds: number): string {
  return secondsText(Math.max(0, Math.floor(seconds)));
}
