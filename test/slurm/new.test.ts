import { expect, it } from 'vitest';
import { repositoryWithScript, threeCommands } from '../support/first-user.ts';
import { read } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';

/** From an idea to a record in three commands, as a job: only the script is written by hand. */

describeOnSlurm('an empty git repository with a Python script, on a cluster', () => {
  it(
    'has a record after three commands',
    async () => {
      const { env } = await sharedCluster();
      const root = repositoryWithScript();

      const launched = await threeCommands(root, 'slurm', { env });

      expect(read(root, 'experiments/lr-sweep/launch/run_slurm.sbatch')).toContain('#SBATCH --mem=200M');
      expect(read(root, 'docs/slurm_job_list.md')).toContain(`job_id=${String(launched['job_id'])}`);
      expect(stateOf(root)).toMatchObject({ iteration_id: 'lr-sweep', stage: 'extract_results' });
    },
    SLOW_MS,
  );
});
