import { join } from 'node:path';
import { createExclusive, exists, makeFolder } from '../../../platform/files.ts';
import { now } from '../../../platform/time.ts';
import type { RunPaths } from '../../../records/paths.ts';
import { STOP_FILE, taskPaths } from '../../../records/tasks/task-files.ts';

/** Of a run with many tasks: a supervisor that may live on a host that cannot be reached begins nothing more. */
export function stopTasks(paths: RunPaths): void {
  const { list, receipts } = taskPaths(paths);
  if (!exists(list)) return;
  makeFolder(receipts);
  createExclusive(join(receipts, STOP_FILE), `${JSON.stringify({ why: 'cancelled', at: now() })}\n`);
}
