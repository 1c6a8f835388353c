import { type Far } from '../far.ts';
import { farProject, type FarProjectOptions, farRun } from '../far-project.ts';
import { runIds, until } from '../project.ts';
import { startsIn, type TasksOptions, tasksProject } from './slurm-tasks.ts';

/** Approved experiments with many tasks for a Slurm behind ssh, and what they leave over there. */

export function farTasksProject(far: Far, options: TasksOptions & Pick<FarProjectOptions, 'mode' | 'profile'>): string {
  const { mode, profile, ...tasks } = options;
  const more = { ...(mode === undefined ? {} : { mode }), ...(profile === undefined ? {} : { profile }) };
  return tasksProject({ ...tasks, git: true, make: (made) => farProject(far, { ...made, ...more }) });
}

/** The index of every start, as the tasks wrote it over there. */
export function beganThere(far: Far, runId: string): readonly number[] {
  return startsIn(farRun(far, runId, 'began'));
}

/** The id of the run, as soon as that many of its tasks have begun. */
export async function farRunOf(root: string, far: Far, count = 1): Promise<string> {
  const hasBegun = (runId: string): boolean => beganThere(far, runId).length >= count;
  await until(`${count} tasks have begun over there`, () => runIds(root).some(hasBegun));
  return runIds(root)[0] ?? '';
}
