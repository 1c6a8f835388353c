import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { read, runIds } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { slurm, type SlurmEnv, slurmProject } from '../support/slurm-project.ts';

/** What the shell of the caller asks of a real Slurm: nothing of it reaches the job in silence (X11). */

let env: SlurmEnv;
let cluster: Cluster;

describeOnSlurm('the environment of the caller', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
  });

  it(
    'SBATCH_ACCOUNT is named and not used; SRUN_CPUS_PER_TASK does not reach the job',
    async () => {
      const root = slurmProject({
        entrypoint: 'env > "$AUTOLAB_RUN_DIR/environment"\n! grep -q SRUN_CPUS "$AUTOLAB_RUN_DIR/environment"\n',
        artifacts: ['environment'],
      });

      const launched = await autolab(root, ['launch'], {
        env: { ...env, SBATCH_ACCOUNT: 'limited', SRUN_CPUS_PER_TASK: '2' },
      });

      expect(launched.status, launched.stdout + launched.stderr).toBe(0);
      expect(launched.stderr).toContain('SBATCH_ACCOUNT is set and not used');
      expect(launched.stderr).toContain('`compute.account`');
      const [runId = ''] = runIds(root);
      const manifest = manifestOf(root, runId);
      expect(manifest['slurm']['unused_variables']).toEqual([
        { variable: 'SBATCH_ACCOUNT', design_key: 'compute.account' },
        { variable: 'SRUN_CPUS_PER_TASK', design_key: null },
      ]);
      const account = slurm(env, ['sacct', '-X', '-n', '-P', '-j', manifest['job_id'] as string, '--format=Account']);
      expect(account.trim()).toBe('research');
    },
    SLOW_MS,
  );

  it(
    'gets PYTHONUNBUFFERED=1 into the job where it has no such variable, and the record says so',
    async () => {
      for (const [mine, seen, recorded] of [
        [undefined, '1', { PYTHONUNBUFFERED: '1' }],
        ['0', '0', {}],
      ] as const) {
        const root = slurmProject({
          entrypoint: 'echo "${PYTHONUNBUFFERED-unset}" > "$AUTOLAB_RUN_DIR/said"\n',
          artifacts: ['said'],
        });
        expect((await autolab(root, ['launch'], { env: { ...env, PYTHONUNBUFFERED: mine } })).status).toBe(0);
        const [runId = ''] = runIds(root);
        expect(read(root, `experiments/iter1/runs/${runId}/said`)).toBe(`${seen}\n`);
        expect(manifestOf(root, runId)['environment_set']).toEqual(recorded);
      }
    },
    SLOW_MS,
  );

  it(
    'SLURM_CLUSTERS that asks for another cluster is refused, and nothing is submitted',
    async () => {
      const root = slurmProject();

      const { status, json } = await autolabJson(root, ['launch'], { env: { ...env, SLURM_CLUSTERS: 'other' } });

      expect([status, json['code'], json['attempt_counted']], json['message']).toEqual([
        10,
        'host.other_cluster',
        false,
      ]);
      expect(json['message']).toContain(`${cluster.cluster} answers`);
      expect(runIds(root)).toEqual([]);
      expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    },
    SLOW_MS,
  );
});
