import type { WatchedRun } from '../../../index.ts';
import type { Glyphs } from '../../../platform/terminal/glyphs.ts';
import { columnsOf, fitted } from '../../../platform/terminal/width.ts';
import { visible } from '../visible.ts';
import { factLines, wholeSeconds } from './facts.ts';
import { type ScreenLine, span, type Style, wrapped } from './spans.ts';
import { canCancel, type ViewState } from './state.ts';

/** The screen of `autolab watch`: as many lines as it is high, none wider than it is. Pure. */

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

export function frame(state: ViewState, { width, height }: ScreenSize, glyphs: Glyphs): readonly ScreenLine[] {
  const title = titleLine(state.run);
  const footer = footerLine(state, width);
  if (height < 3) return [title, footer].slice(0, Math.max(0, height));
  const body = state.mode === 'logs' ? [] : bodyLines(state, { width, height }, glyphs);
  const room = height - 2 - body.length;
  const shown = room < 2 ? [] : [ruleLine(state, width, glyphs), ...logLines(state.run, width, room - 1)];
  const used = [title, ...body, ...shown];
  const blanks = Array.from({ length: Math.max(0, height - 1 - used.length) }, (): ScreenLine => []);
  return [...used.slice(0, height - 1), ...blanks, footer];
}

/** What is above the log, which gets a third of the screen at least. */
function bodyLines({ run, cancel }: ViewState, { width, height }: ScreenSize, glyphs: Glyphs): readonly ScreenLine[] {
  const most = height - 2 - Math.floor(height / 3);
  const told = cancel === null ? [] : [[span(visible(cancel.words), 'warn')]];
  const words = [...told, ...statusLines(run, width)].slice(0, Math.max(1, most));
  return [...words, ...factLines(run, width, glyphs, most - words.length)];
}

function titleLine(run: WatchedRun): ScreenLine {
  const { words, style } = labelOf(run);
  const job = run.job_id === null ? '' : ` job ${run.job_id}`;
  const where = run.remote === null ? '' : ` on ${run.remote.host}`;
  const about = `${run.experiment_id ?? run.iteration_id}  ${run.launch_mode ?? ''}${job}${where}`;
  return [span(`[${words}]`, style), span(' '), span(visible(run.run_id), 'bold'), span(`  ${visible(about)}`, 'dim')];
}

function labelOf({ phase, closed, cancelling }: WatchedRun): { readonly words: string; readonly style: Style } {
  if (closed !== null) {
    if (closed.outcome === 'completed') return { words: 'COMPLETED', style: 'good' };
    return { words: closed.outcome === 'cancelled' ? 'CANCELLED' : `FAILED ${closed.code}`, style: 'bad' };
  }
  if (cancelling) return { words: 'STOPPING', style: 'warn' };
  return { words: phase.toUpperCase(), style: phase === 'lost' || phase === 'waiting to retry' ? 'bad' : 'accent' };
}

function statusLines(run: WatchedRun, width: number): readonly ScreenLine[] {
  const { closed, last_failure: failure } = run;
  if (closed !== null) return [...paragraph(closed.message, width, 3), ...paragraph(closed.hint, width, 2, 'dim')];
  const lines = [...paragraph(queueWords(run), width, 2), ...paragraph(stepWords(run), width, 2, 'dim')];
  return failure === null ? lines : [...paragraph(`${failure.code}: ${failure.message}`, width, 2, 'bad'), ...lines];
}

function paragraph(text: string, width: number, most: number, style: Style = 'plain'): readonly ScreenLine[] {
  return wrapped(visible(text), width, most).map((line) => [span(line, style)]);
}

/** Only while it waits. */
function queueWords({ phase, queue, queued_seconds: seconds, at }: WatchedRun): string {
  if (phase !== 'queued') return '';
  const since = seconds === null ? '' : `, for ${wholeSeconds(seconds)}`;
  return queue === null ? `queued${since}` : `${queue.words}${since} (asked ${ageWords(queue.at, at)} ago)`;
}

function stepWords({ step, driver, remote, at, phase }: WatchedRun): string {
  const seen = remote === null || remote.seen_at === null ? '' : `; as of ${ageWords(remote.seen_at, at)} ago`;
  const where = step === null ? 'between two steps' : `at the step ${step}`;
  if (driver !== 'nobody') return `${where}, followed by process ${driver.pid} on ${driver.host}${seen}`;
  const next = phase === 'finishing' || phase === 'lost' ? 'record its end' : 'continue';
  return `${where}; no process follows it (${next}: autolab resume)${seen}`;
}

function ageWords(from: string, to: string): string {
  return wholeSeconds(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000));
}

function ruleLine({ run, mode }: ViewState, width: number, { rule }: Glyphs): ScreenLine {
  const words = fitted(ruleWords(run, mode), Math.max(0, width - 4));
  return [
    span(rule.repeat(2), 'dim'),
    span(words),
    span(rule.repeat(Math.max(0, width - 2 - columnsOf(words))), 'dim'),
  ];
}

function ruleWords({ tasks, task, run_id }: WatchedRun, mode: ViewState['mode']): string {
  if (task !== null) {
    const values = Object.entries(task.params).map(([name, value]) => `${name}=${value}`);
    return visible(` log of task ${task.index} (${task.state}): ${values.join(' ')} `);
  }
  if (tasks !== null) return ' tasks that failed (see one: autolab watch --task N) ';
  return mode === 'logs' ? ` log of ${visible(run_id)} ` : ' log ';
}

function logLines({ log, phase, tasks, task }: WatchedRun, width: number, most: number): readonly ScreenLine[] {
  if (log.length === 0 && tasks !== null && task === null) return [[span('No task has failed.', 'dim')]];
  const isOver = phase === 'closed' || (task !== null && task.state !== 'waiting' && task.state !== 'running');
  if (log.length === 0) return [[span(isOver ? 'The log is empty.' : 'Nothing was printed yet.', 'dim')]];
  // The state of the screen is not theirs to change: what comes here is what a terminal would show, and no more.
  return log.slice(-most).map((line) => [span(fitted(visible(line), width))]);
}

function footerLine({ run, mode }: ViewState, width: number): ScreenLine {
  if (mode === 'question') return [span(fitted(`Cancel the run ${visible(run.run_id)}? y/n`, width), 'inverse')];
  const keys = [['q', 'leave'], ...(canCancel(run) ? [['c', 'cancel']] : []), ['l', mode === 'logs' ? 'back' : 'log']];
  return keys.flatMap(([key = '', words = '']) => [span(key, 'bold'), span(` ${words}   `, 'dim')]);
}
