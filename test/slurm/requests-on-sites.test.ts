import { beforeAll, expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { read } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, siteCluster } from '../support/slurm.ts';
import { expectOnce, slurmProject } from '../support/slurm-project.ts';
import { jobAskingFor, NO_AMOUNT } from '../support/slurm-requests.ts';

/** Sites that are asked for memory in a way of their own. */

describeOnSlurm('a site that knows nothing of memory', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await siteCluster('no-memory');
  }, SLOW_MS);

  it.each([
    ['all of the node', { memory: 0 }, '--mem=0'],
    ['whole nodes', { memory: 0, exclusive: true }, '--exclusive'],
    ['what the site gives', { memory: 'site' }, null],
  ] as const)(
    'runs a job that asks for %s',
    async (_, compute, option) => {
      const { root, runId } = await jobAskingFor(cluster, compute);
      const script = read(root, 'experiments/iter1/launch/run_slurm.sbatch');
      if (option === null) expect(script).not.toContain('--mem');
      else expect(script).toContain(`#SBATCH ${option}\n`);
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a site that gives memory by processor', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await siteCluster('lua');
  }, SLOW_MS);

  it(
    'takes a design that asks for it so, and refuses the other',
    async () => {
      const { job } = await jobAskingFor(cluster, { ...NO_AMOUNT, partition: 'per-cpu', memory_per_cpu: '100M' });
      expect(job).toContain('MinMemoryCPU=100M');
      const root = slurmProject({ compute: { partition: 'per-cpu' } });
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.refused']);
    },
    SLOW_MS,
  );
});
