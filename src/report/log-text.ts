import { cutText } from './markup.ts';
import type { RunRecord } from './read-record.ts';

/** The end of a log, as text that people read. Pure. */

const MOST_LINES = 50;
const LONGEST_LINE = 240;
const LONGEST_ERROR = 300;

// Colours, and the like that moves or erases.
const SEQUENCES = /\u001B\[[0-9;:?]*[A-Za-z]/g;

/** The last lines. What overwrote a line, such as a progress bar, stands for it; other control characters can be seen. */
export function lastLogLines(text: string): readonly string[] {
  const all = text.replaceAll(SEQUENCES, '').replaceAll('\r\n', '\n').split('\n');
  if (all.at(-1) === '') all.pop();
  return all.slice(-MOST_LINES).map((line) => cutText(writtenIn(line), LONGEST_LINE));
}

function writtenIn(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? '';
}

/** The program itself ended like that, so its last words say why. */
const BY_PROGRAM = /^(?:local|slurm)\.(?:failed|signal)$/;

/** The last line that is not empty of a program that failed: of standard error, else of standard output; null if there is none. */
export function lastWords({ manifest, logs }: Pick<RunRecord, 'manifest' | 'logs'>): string | null {
  const { status, outcome, code } = manifest;
  if (status !== 'failed' || outcome === 'cancelled' || !BY_PROGRAM.test(code ?? '')) return null;
  for (const text of [logs.stderr, logs.stdout]) {
    const lines = (text ?? '').replaceAll(SEQUENCES, '').split('\n');
    const last = lines.map((line) => writtenIn(line).trim()).findLast((line) => line !== '');
    if (last !== undefined) return cutText(last, LONGEST_ERROR);
  }
  return null;
}
