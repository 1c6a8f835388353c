import { sha256 } from '../../../src/platform/ids.ts';
import { edit, makeProject, read } from '../project.ts';
import { gridOf, type MadeTask, TASK_METRICS, type TasksRun, writeTasksRun } from './task-records.ts';

/** A project whose run `r1` had tasks and is closed; the workflow is at `extract_results`. */

export interface SweepProject extends TasksRun {
  readonly made?: readonly MadeTask[];
  /** Replaces `metrics` and `baselines` of the design. */
  readonly declared?: string;
}

const DECLARED = `metrics: {primary: {name: accuracy, mode: maximize}, others: [loss]}
baselines: [{name: majority, value: 0.44}]
`;

/** Two learning rates, three seeds. */
export const SWEEP: readonly MadeTask[] = gridOf({ lr: ['0.1', '0.01'], seed: ['0', '1', '2'] }).map(
  (params, index) => ({
    params,
    metrics: { accuracy: [0.7, 0.71, 0.72, 0.8, 0.83, 0.82][index], loss: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4][index] },
  }),
);

export function sweepProject({ made = SWEEP, declared = DECLARED, ...run }: SweepProject = {}): string {
  const root = makeProject({ state: { stage: 'extract_results', last_run_id: run.runId ?? 'r1' } });
  edit(root, 'experiments/iter1/design.yaml', (text) => text + declared);
  const metrics = { ...TASK_METRICS, others: ['loss'], baselines: [{ name: 'majority', value: 0.44, others: {} }] };
  const files = ['experiments/iter1/design.yaml', '.autolab/backlog.yaml'];
  const inputs = Object.fromEntries(files.map((file) => [file, sha256(read(root, file))]));
  writeTasksRun(root, made, { metrics, ...run, opened: { inputs, ...run.opened } });
  return root;
}
