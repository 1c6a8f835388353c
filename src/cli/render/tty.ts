import { createLogUpdate } from 'log-update';
import type { LaunchEvent } from '../../events/events.ts';
import { glyphsFor } from '../../platform/terminal/glyphs.ts';
import { print } from '../print.ts';
import { painter } from './output.ts';
import { plainLine } from './plain.ts';
import type { EventPrinter } from './printer.ts';
import { progressLines } from './progress.ts';
import { visible } from './visible.ts';

/** On a terminal: the steps, the current one with its elapsed time and the last line of the log. */

interface Line {
  readonly step: string;
  status: 'started' | 'done' | 'failed' | 'skipped';
  message: string | null;
}

const MARKS = { started: '…', done: '✔', failed: '✖', skipped: '-' } as const;
const STYLES = { started: 'cyan', done: 'green', failed: 'red', skipped: 'dim' } as const;

export function createScreen(color: boolean): EventPrinter {
  const update = createLogUpdate(process.stderr, { showCursor: true });
  const paint = painter(color);
  const glyphs = glyphsFor(process.env);
  const lines: Line[] = [];
  let progress: Extract<LaunchEvent, { type: 'progress' }> | null = null;

  const draw = (): void => {
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    const shown = lines.map((line) => {
      const mark = paint(STYLES[line.status], MARKS[line.status]);
      const elapsed =
        line.status === 'started' && progress?.step === line.step ? ` ${formatElapsed(progress.elapsed_seconds)}` : '';
      const message =
        line.message === null
          ? ''
          : `  ${paint('dim', visible(line.message).slice(0, Math.max(0, width - line.step.length - 4)))}`;
      return `${mark} ${line.step}${elapsed}${message}`;
    });
    const running = lines.find((line) => line.status === 'started');
    // Before the first step, too, files are read.
    if (progress !== null && (running?.step === progress.step || progress.work !== undefined))
      shown.push(...progressLines(progress, width, glyphs).map((line) => paint('dim', line)));
    update(shown.join('\n'));
  };

  return {
    show: (event) => {
      if (event.type === 'note' && event.of_progress === true) return;
      if (event.type === 'step') {
        progress = null;
        const line = lines.find((candidate) => candidate.step === event.step);
        if (line === undefined) lines.push({ step: event.step, status: event.status, message: event.message });
        else Object.assign(line, { status: event.status, message: event.message });
        draw();
      } else if (event.type === 'progress') {
        progress = event;
        draw();
      } else {
        // Printed once, above the list.
        update.clear();
        if (event.type === 'run') progress = null;
        print('stderr', `${plainLine(event) ?? ''}\n`);
        if (lines.length > 0) draw();
      }
    },
    end: () => {
      if (lines.length > 0) update.done();
      else if (progress !== null) update.clear();
    },
  };
}

function formatElapsed(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${whole % 60}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
