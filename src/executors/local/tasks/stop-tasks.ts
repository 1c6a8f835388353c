import { join } from 'node:path';
import { createExclusive, exists, makeFolder } from '../../../platform/files.ts';
import { now } from '../../../platform/time.ts';
import type { RunPaths } from '../../../records/paths.ts';
import { STOP_FILE, taskPaths } from '../../../records/tasks/task-files.ts';

/** A supervisor that may live where nobody can look begins nothing more, if the run has many tasks. */
export function stopTasks(paths: RunPaths): void {
  const { list, receipts } = taskPaths(paths);
  if (!exists(list)) return;
  makeFolder(receipts);
  createExclusive(join(receipts, STOP_FILE), `${JSON.stringify({ why: 'cancelled', at: now() })}\n`);
}
