import { existsSync, readFileSync } from 'node:fs';
import { inRun } from '../autolab.ts';
import { makeProject, type ProjectOptions, read, runIds, write } from '../project.ts';

/** Projects whose experiment has many tasks, and what their runs left. */

export interface TaskProjectOptions extends ProjectOptions {
  /** YAML of `tasks:`, in flow style. */
  readonly tasks: string;
}

/** The entrypoint gets the task's folder and then the values that `words` names; each task marks its start. */
export function makeTaskProject({ tasks, ...options }: TaskProjectOptions): string {
  const root = makeProject({ artifacts: [], ...options });
  const design = 'experiments/iter1/design.yaml';
  const text = read(root, design).replace(/artifacts:\n$/, '');
  write(root, design, `${text}tasks: ${tasks}\n`);
  return root;
}

/** What begins every task of these tests: it marks that it began, where nothing else writes. */
export const MARK_TASK = 'echo "$AUTOLAB_TASK_INDEX" >> "$AUTOLAB_RUN_DIR/began"\n';

/** Index → how often a task marked its start. */
export function startsOfTasks(root: string, runId = runIds(root)[0] ?? ''): Readonly<Record<string, number>> {
  const path = inRun(root, 'iter1', runId, 'began');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean) : [];
  const counts: Record<string, number> = {};
  for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

/** `receipt/task_ends.jsonl` of a run. */
export function endsOfTasks(root: string, runId = runIds(root)[0] ?? ''): readonly Record<string, any>[] {
  const text = readFileSync(inRun(root, 'iter1', runId, 'receipt/task_ends.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, any>);
}
