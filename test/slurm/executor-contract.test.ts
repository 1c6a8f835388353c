import { beforeAll } from 'vitest';
import { executorContract } from '../support/executor-contract.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { slurmProject } from '../support/slurm-project.ts';

describeOnSlurm('the Slurm executor', () => {
  beforeAll(async () => {
    Object.assign(process.env, (await sharedCluster()).env);
  });

  executorContract('slurm', { project: (entrypoint) => Promise.resolve(slurmProject({ entrypoint })) });
});
