import type { Code } from '../../errors/catalog.ts';
import type { TaskEnd } from '../../records/tasks/task-end.ts';
import { countsBy } from '../../records/tasks/task-summary.ts';
import { OUTCOMES } from '../outcome.ts';
import { wordsOfCode } from './code-words.ts';

/** What the ends of all tasks mean for the run. Pure. */

export type TasksVerdict =
  { readonly code: null; readonly message: string } | { readonly code: Code; readonly message: string };

/** `cancelled`: by the user, if what has not ended was to be stopped. */
export function judgeTasks(ends: readonly TaskEnd[], cancelled: boolean): TasksVerdict {
  const count = ends.length;
  const others = ends.filter(({ state }) => state !== 'completed');
  if (others.length === 0) return { code: null, message: `All ${count} tasks completed.` };
  const words = `${count - others.length} of ${count} tasks completed; ${countWords(others)}.`;
  if (cancelled) return { code: 'run.cancelled', message: `The run was cancelled: ${words}` };
  return { code: costsAttempt(others) ? 'tasks.failed' : 'tasks.unfinished', message: words };
}

/** Such as `3 reached the time limit, 1 not started`. */
function countWords(others: readonly TaskEnd[]): string {
  return Object.entries(countsBy(others, ({ code }) => (code === null ? null : wordsOfCode(code))))
    .map(([words, count]) => `${count} ${words}`)
    .join(', ');
}

/** One failure of the experiment is enough. */
function costsAttempt(others: readonly TaskEnd[]): boolean {
  return others.some(({ code }) => {
    const row: Readonly<Record<string, { readonly costsAttempt: boolean }>> = OUTCOMES;
    return code !== null && row[code]?.costsAttempt === true;
  });
}
