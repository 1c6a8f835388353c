import { join } from 'node:path';
import { listNames, readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { ChecksumEntry } from '../../records/checksums.ts';
import {
  receiptNameOf,
  RECEIPTS_FOLDER,
  TASK_TABLE_FILE,
  taskClaimName,
  taskExitName,
  taskPaths,
} from '../../records/tasks/task-files.ts';
import { TASK_LIST_FILE } from '../../records/tasks/task-list.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { takenOverTasks } from '../../run/tasks/reuse.ts';

/**
 * What the tasks of a run need on the remote host beside the script: their list and table, the receipts of those that are
 * taken over, which no element may begin, and requests to cancel some. Paths and digests, relative to the run's folder.
 */
export function taskFiles(ctx: RunContext): readonly ChecksumEntry[] {
  const { folder } = ctx.paths;
  const { tasks } = viewOf(ctx).opened;
  if (tasks === undefined) return [];
  const taken = [...takenOverTasks(ctx.paths, tasks).keys()];
  const asked = listNames(taskPaths(ctx.paths).receipts).filter((name) => receiptNameOf(name)?.kind === 'cancel');
  const receipts = [...taken.flatMap((index) => [taskExitName(index), taskClaimName(index, 0)]), ...asked];
  const others = [`receipt/${TASK_TABLE_FILE}`, ...receipts.map((name) => `${RECEIPTS_FOLDER}/${name}`)];
  return [
    { path: TASK_LIST_FILE, sha256: tasks.sha256 },
    ...others.map((path) => ({ path, sha256: sha256(readTextOrNull(join(folder, path)) ?? '') })),
  ];
}
