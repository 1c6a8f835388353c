import type { Design } from '../project/design.ts';
import type { ProjectRead } from '../project/read.ts';
import { expandTasks } from '../project/tasks/expand.ts';
import type { TasksOrder } from '../records/run-data.ts';
import { parameterRanges, type TaskList, taskListDigest } from '../records/tasks/task-list.ts';

/** The tasks of a design, before anything is claimed. Pure. */
export interface TasksLook {
  /** Null if the design has one task, without parameters, or its tasks cannot be read. */
  readonly list: TaskList | null;
  /** Of `tasks.jsonl`; null likewise. */
  readonly sha256: string | null;
}

const NONE: TasksLook = { list: null, sha256: null };

export function lookAtTasks({ tasks }: Pick<ProjectRead, 'tasks'>): TasksLook {
  if (tasks === null) return NONE;
  const list = expandTasks(tasks);
  return { list, sha256: taskListDigest(list.tasks) };
}

export function tasksOrder({ list, sha256 }: TasksLook, design: Design): TasksOrder | null {
  const spec = design.tasks;
  if (list === null || sha256 === null || spec === null) return null;
  const { max_parallel, max_failures, workers, time_seconds } = spec;
  return {
    ...{ sha256, count: list.tasks.length, parameters: parameterRanges(list) },
    ...{ max_parallel, max_failures, workers, time_seconds },
  };
}
