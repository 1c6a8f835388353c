import { join } from 'node:path';
import type { Recommendation } from '../../errors/failure.ts';
import { readTail } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { OpenedData } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import type { TaskEnd } from '../../records/tasks/task-end.ts';
import { TASK_LOGS, taskFolder } from '../../records/tasks/task-files.ts';
import { progressOf } from '../progress.ts';
import { formatDuration, moreMemory, moreTime, saysHowLong } from '../recommend.ts';

/** What would help the tasks that hit a limit: enough for the one that needs most. */

/** The end of a log, which says how far the task got. */
const ADVISING_BYTES = 64 * 1024;
/** So many logs are read; the others will be like them. */
const MOST_LOGS = 200;

export function adviceOnTasks(
  paths: Pick<RunPaths, 'folder'>,
  { opened }: Pick<RunView, 'opened'>,
  ends: readonly TaskEnd[],
): readonly Recommendation[] {
  const late = ends.filter(({ code }) => code?.endsWith('.timeout') === true);
  const killed = ends.filter(({ code }) => code?.endsWith('.out_of_memory') === true);
  return [...timeAdvice(paths, opened, late), ...memoryAdvice(opened, killed)];
}

function timeAdvice(
  paths: Pick<RunPaths, 'folder'>,
  { iteration_id: iterationId, resource_request: asked, tasks }: OpenedData,
  late: readonly TaskEnd[],
): readonly Recommendation[] {
  const own = tasks?.time_seconds ?? null;
  const limit = own ?? asked.time_seconds;
  const [first] = late;
  if (first === undefined || limit === null) return [];
  const tails = late.slice(0, MOST_LOGS).map(({ index }) => ({ index, tail: tellingTail(paths, index) }));
  const shares = tails.flatMap(({ index, tail }) => {
    const share = progressOf(tail ?? '')?.share ?? null;
    return share === null || !saysHowLong(share) ? [] : [{ index, tail, share }];
  });
  const slowest = shares.reduce((least, one) => (one.share < least.share ? one : least), shares[0] ?? NO_SHARE);
  const index = slowest.index ?? first.index;
  const tail = slowest.tail ?? tails[0]?.tail ?? null;
  const current = own === null ? (asked.time ?? null) : formatDuration(own);
  const advice = moreTime(iterationId, current, limit, tail, whoOf(index, late.length));
  return [own === null ? advice : { ...advice, pointer: '/tasks/time' }];
}

const NO_SHARE: { readonly index: number | null; readonly tail: string | null; readonly share: number } = {
  index: null,
  tail: null,
  share: 1,
};

/** Many programs report their progress on stderr. */
function tellingTail({ folder }: Pick<RunPaths, 'folder'>, index: number): string | null {
  const of = (name: string): string | null => readTail(join(folder, taskFolder(index), name), ADVISING_BYTES);
  const out = of(TASK_LOGS.stdout);
  return progressOf(out ?? '') === null ? of(TASK_LOGS.stderr) : out;
}

function memoryAdvice(
  { iteration_id: iterationId, resource_request: asked }: OpenedData,
  killed: readonly TaskEnd[],
): readonly Recommendation[] {
  const [first, ...others] = killed;
  if (first === undefined) return [];
  const bytes = ({ max_rss_bytes: peak }: TaskEnd): number => peak ?? 0;
  const largest = others.reduce((most, end) => (bytes(end) > bytes(most) ? end : most), first);
  const who = whoOf(largest.index, killed.length);
  return [moreMemory(iterationId, asked.memory ?? null, asked.memory_mb, bytes(largest), who)];
}

function whoOf(index: number, count: number): string {
  return count === 1 ? `task ${index}` : `task ${index}, one of ${count} such tasks,`;
}
