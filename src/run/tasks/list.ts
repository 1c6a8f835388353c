import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { parseTaskList, type Task } from '../../records/tasks/task-list.ts';
import { formatTaskTable } from '../../records/tasks/task-table.ts';

/** The tasks of a run, as its launch wrote them beside the journal. Null if the file is not what the journal says. */
export function readTaskList(
  paths: Pick<RunPaths, 'folder' | 'receipt'>,
  order: Pick<TasksOrder, 'sha256' | 'count'>,
): readonly Task[] | null {
  const text = readTextOrNull(taskPaths(paths).list);
  if (text === null || sha256(text) !== order.sha256) return null;
  const tasks = parseTaskList(text);
  return tasks?.length === order.count ? tasks : null;
}

/** The text of `receipt/tasks.table`; null likewise. */
export function taskTableOf(paths: Pick<RunPaths, 'folder' | 'receipt'>, order: TasksOrder): string | null {
  const tasks = readTaskList(paths, order);
  return tasks === null ? null : formatTaskTable({ names: order.parameters.map(({ name }) => name), tasks });
}
