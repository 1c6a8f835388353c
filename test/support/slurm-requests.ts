import { expect } from 'vitest';
import { autolabJson } from './autolab.ts';
import { read, runIds } from './project.ts';
import type { Cluster } from './slurm.ts';
import { slurmProject } from './slurm-project.ts';

/** Jobs that write down what the controller says of them. */

type Compute = Readonly<Record<string, string | number | boolean>>;

const SHOW_JOB =
  'scontrol show job "$SLURM_JOB_ID" > "$AUTOLAB_RUN_DIR/job.txt"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';
/** In place of the test project's own amount of memory. */
export const NO_AMOUNT = { memory: '""' };

/** Launches, and returns what the controller said to the job about itself. */
export async function jobAskingFor(
  cluster: Cluster,
  compute: Compute,
): Promise<{ root: string; runId: string; job: string }> {
  const root = slurmProject({ compute, entrypoint: SHOW_JOB });
  const end = await autolabJson(root, ['launch'], { env: cluster.env });
  expect([end.status, end.json['code']], `${end.stderr}${JSON.stringify(end.json)}`).toEqual([0, 'run.completed']);
  const [runId = ''] = runIds(root);
  return { root, runId, job: read(root, `experiments/iter1/runs/${runId}/job.txt`) };
}
