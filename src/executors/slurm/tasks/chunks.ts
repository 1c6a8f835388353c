import type { ChunkPlan, TasksOrder } from '../../../records/run-data.ts';
import type { ChunkView, RunView } from '../../../records/run-view.ts';
import type { TaskChunk } from '../../../records/tasks/task-chunk.ts';
import { readIndices, writeIndices } from '../../../schedulers/slurm/arrays/index-list.ts';

/** How the tasks of a run are divided into job arrays. Pure. */

type Share = Pick<TasksOrder, 'count' | 'workers' | 'max_parallel'>;
type Chunk = Pick<ChunkView, 'plan' | 'hopeless' | 'givenUp'>;

/** What of a run's state says how its tasks are divided. */
export interface Division {
  readonly opened: { readonly tasks?: Share };
  readonly chunks: readonly Chunk[];
}

/** Elements of all arrays together: one for each task, or the workers. `toRun`: tasks that are not taken over. */
export function elementsOf({ workers, max_parallel: atOnce }: Share, toRun: number): number {
  return workers === null ? toRun : Math.min(workers, toRun, atOnce ?? Infinity);
}

/** Elements that are planned. */
function plannedIn({ chunks }: Division): number {
  return chunks.reduce((sum, { plan }) => sum + (plan?.elements ?? 0), 0);
}

/** Whether another array is to be submitted, now or later. */
export function hasMore(view: Division & Pick<RunView, 'stopped' | 'cancel'>, toRun: number): boolean {
  const { tasks } = view.opened;
  if (tasks === undefined || view.stopped !== null || view.cancel !== null) return false;
  return view.chunks.every(({ givenUp }) => givenUp === null) && plannedIn(view) < elementsOf(tasks, toRun);
}

/** Tasks, or workers, that were not planned yet, as far as they fit into one array: `most` caps the numbers, too. */
export function nextShare(view: Division, toRun: readonly number[], most: number): readonly number[] {
  const { tasks } = view.opened;
  const planned = plannedIn(view);
  const all = tasks === undefined || tasks.workers === null ? toRun : countTo(elementsOf(tasks, toRun.length));
  return shareFrom(all, planned, most);
}

function shareFrom(all: readonly number[], planned: number, most: number): readonly number[] {
  const rest = all.slice(planned, planned + most);
  return rest.filter((one) => one - (rest[0] ?? 0) < most);
}

/**
 * The arrays of all tasks that are not `taken` over, if there is room for all: `most` caps the numbers, too, and `chunkTasks`
 * only how many. Null with workers, which take any task that is free.
 */
export function plannedChunks(
  { count, workers }: Share,
  taken: ReadonlySet<number>,
  { most, chunkTasks }: { readonly most: number; readonly chunkTasks: number },
): readonly TaskChunk[] | null {
  if (workers !== null || most < 1) return null;
  const toRun = countTo(count).filter((task) => !taken.has(task));
  const chunks: TaskChunk[] = [];
  for (let planned = 0; planned < toRun.length;) {
    const share = shareFrom(toRun, planned, Math.min(most, count)).slice(0, chunkTasks);
    chunks.push({ first: share[0] ?? 0, count: share.length });
    planned += share.length;
  }
  return chunks;
}

function countTo(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}

/** The elements of an array for these, which ascend. */
export function elementsFor(share: readonly number[]): Pick<ChunkPlan, 'offset' | 'elements' | 'numbers'> {
  const offset = share[0] ?? 0;
  const elements = share.length;
  if (share.at(-1) === offset + elements - 1) return { offset, elements };
  return { offset, elements, numbers: writeIndices(share.map((task) => task - offset)) };
}

const TASKS = new WeakMap<ChunkPlan, ReadonlySet<number>>();

/** The tasks of an array: the element of each is its number less the offset. With workers, their numbers. */
export function tasksInArray(plan: ChunkPlan): ReadonlySet<number> {
  const known = TASKS.get(plan);
  if (known !== undefined) return known;
  const elements = readIndices(plan.numbers ?? `0-${plan.elements - 1}`) ?? [];
  const tasks = new Set(elements.map((element) => plan.offset + element));
  TASKS.set(plan, tasks);
  return tasks;
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

function leftOf({ plan, givenUp }: Chunk, isOver: (task: number) => boolean): number {
  if (plan === null || givenUp !== null) return 0;
  return [...tasksInArray(plan)].filter((task) => !isOver(task)).length;
}

/** Whether something may still run of the arrays beside this one. Workers take any task that is left. */
export function othersRun(
  { opened, chunks }: Pick<RunView, 'opened' | 'chunks'>,
  toRun: readonly number[],
  beside: number,
  isOver: (task: number) => boolean,
): boolean {
  const others = chunks.filter(({ index, job }) => index !== beside && job !== null);
  if (opened.tasks?.workers !== null) return others.length > 0 && toRun.some((task) => !isOver(task));
  return others.some((chunk) => leftOf(chunk, isOver) > 0);
}

/** The array of a task, and its number there; null if it is in none that was submitted. With workers, nobody knows. */
export function elementOfTask(
  { opened, chunks }: RunView,
  task: number,
): { readonly chunk: number; readonly arrayId: string; readonly element: number } | null {
  if (opened.tasks?.workers !== null) return null;
  for (const { index, plan, job } of chunks) {
    if (plan !== null && job !== null && tasksInArray(plan).has(task))
      return { chunk: index, arrayId: job.job_id, element: task - plan.offset };
  }
  return null;
}

/** Whether a controller that crashed has lost an array and given its id to a later one: what has this id now is that one. */
export function isReissued(
  {
    chunks,
  }: { readonly chunks: readonly { readonly index: number; readonly job: { readonly job_id: string } | null }[] },
  chunk: number,
): boolean {
  const id = chunks.find(({ index }) => index === chunk)?.job?.job_id;
  return id !== undefined && chunks.some(({ index, job }) => index > chunk && job?.job_id === id);
}

type Reason = NonNullable<ChunkView['givenUp']>;

/**
 * Why nobody can take a task: its array can never start, or none was submitted for it. Workers take any task, so with
 * workers that is so when it is so of every array.
 */
export function neverSubmitted({ opened, chunks }: Division, task: number): Reason | null {
  if (opened.tasks?.workers !== null) {
    const reasons = chunks.map(whyNever);
    return reasons.includes(null) ? null : (reasons[0] ?? null);
  }
  const chunk = chunks.find(({ plan }) => plan !== null && tasksInArray(plan).has(task));
  if (chunk !== undefined) return whyNever(chunk);
  return chunks.find(({ givenUp }) => givenUp !== null)?.givenUp ?? null;
}

function whyNever({ hopeless, givenUp }: Chunk): Reason | null {
  if (hopeless === null) return givenUp;
  return { code: 'slurm.refused', message: `Its job can never start on this cluster: ${hopeless}.` };
}
