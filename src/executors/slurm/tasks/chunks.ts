import type { TasksOrder } from '../../../records/run-data.ts';
import type { RunView } from '../../../records/run-view.ts';
import type { ChunkView } from '../../../records/run-view.ts';

/** How the tasks of a run are divided into job arrays. Pure. */

/** Elements of all arrays together: one for each task, or the workers. */
export function elementsOf({ count, workers, max_parallel: atOnce }: TasksOrder): number {
  return workers === null ? count : Math.min(workers, count, atOnce ?? Infinity);
}

/** Elements that are planned. */
export function plannedIn({ chunks }: Pick<RunView, 'chunks'>): number {
  return chunks.reduce((sum, { plan }) => sum + (plan?.elements ?? 0), 0);
}

/** Whether another array is to be submitted, now or later. */
export function hasMore(view: RunView): boolean {
  const { tasks } = view.opened;
  if (tasks === undefined || view.stopped !== null || view.cancel !== null) return false;
  return view.chunks.every(({ givenUp }) => givenUp === null) && plannedIn(view) < elementsOf(tasks);
}

/**
 * How many elements of the next array may run at once: `max_parallel` holds over all arrays, and each element of the ones
 * before that is not over takes one place. Null without such a limit; 0 if all places are taken. Workers are as many as there
 * are elements.
 */
export function placesLeft(
  { max_parallel: atOnce, workers }: TasksOrder,
  before: readonly ChunkView[],
  isOver: (task: number) => boolean,
): number | null {
  if (atOnce === null || workers !== null) return null;
  return Math.max(0, atOnce - before.reduce((sum, chunk) => sum + leftOf(chunk, isOver), 0));
}

function leftOf({ plan, givenUp }: ChunkView, isOver: (task: number) => boolean): number {
  if (plan === null || givenUp !== null) return 0;
  return Array.from({ length: plan.elements }, (_, element) => plan.offset + element).filter((task) => !isOver(task))
    .length;
}

/** The array of a task, and its number there; null if it is in none that was submitted. With workers, nobody knows. */
export function elementOfTask(
  { opened, chunks }: RunView,
  task: number,
): { readonly chunk: number; readonly arrayId: string; readonly element: number } | null {
  if (opened.tasks?.workers !== null) return null;
  for (const { index, plan, job } of chunks) {
    const element = task - (plan?.offset ?? 0);
    if (plan !== null && job !== null && element >= 0 && element < plan.elements)
      return { chunk: index, arrayId: job.job_id, element };
  }
  return null;
}
