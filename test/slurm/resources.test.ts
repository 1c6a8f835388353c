import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { read, runIds, startsOf, until, write } from '../support/project.ts';
import { begun, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { beginAgain, expectOnce, jobOf, slurm, slurmProject } from '../support/slurm-project.ts';

/** What the design asks for is what the job gets (R16), whatever the environment says. */

let cluster: Cluster;

describeOnSlurm('what a job gets', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'runs every task on its node, in the activated environment',
    async () => {
      const root = slurmProject({
        compute: { nodes: 2, ntasks: 2 },
        activation: 'export FLAVOUR=vanilla\n',
        entrypoint:
          'echo "$SLURM_PROCID $SLURMD_NODENAME $FLAVOUR" >> "$AUTOLAB_RUN_DIR/tasks"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
      });
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      const tasks = readFileSync(inRun(root, 'iter1', runId, 'tasks'), 'utf8')
        .trim()
        .split('\n')
        .sort();
      expect(tasks).toEqual(cluster.nodes.map((node, index) => `${index} ${node} vanilla`));
    },
    SLOW_MS,
  );

  it(
    'has the GPUs, processors and limits of the design, and none of the caller’s variables',
    async () => {
      const root = slurmProject({
        compute: { gpu_count: 2, cpus: 3, memory: '300M', time: '"00:07:00"' },
        entrypoint:
          'scontrol show job "$SLURM_JOB_ID" > "$AUTOLAB_RUN_DIR/job.txt"\necho "$CUDA_VISIBLE_DEVICES" > "$AUTOLAB_RUN_DIR/gpus"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
      });
      const hostile = {
        SBATCH_TIMELIMIT: '1',
        SBATCH_MEM_PER_NODE: '9999',
        SBATCH_ARRAY_INX: '1-3',
        SBATCH_JOB_NAME: 'other',
        SBATCH_EXPORT: 'NONE',
        SQUEUE_STATES: 'FAILED',
        SQUEUE_FORMAT: '%i',
        SACCT_FORMAT: 'JobID',
      };
      const end = await autolabJson(root, ['launch'], { env: { ...cluster.env, ...hostile } });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      const job = read(root, `experiments/iter1/runs/${runId}/job.txt`);
      expect(job).toContain('TimeLimit=00:07:00');
      expect(job).toContain('MinMemoryNode=300M');
      expect(job).toContain('NumCPUs=3');
      expect(read(root, `experiments/iter1/runs/${runId}/gpus`).trim()).toBe('0,1');
      expect(manifestOf(root, runId)['slurm']['removed_variables']).toEqual(Object.keys(hostile).sort());
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'runs again after a requeue only where the design allows it, and the second time counts',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, compute: { requeue: true } });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      const jobId = await jobOf(root, runId);
      slurm(cluster.env, ['scontrol', 'requeue', jobId]);
      await beginAgain(cluster.env, jobId);
      await until('the entrypoint begins again', () => startsOf(root, runId) === 2);
      letEnd(root, runId);
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(existsSync(inRun(root, 'iter1', runId, 'receipt/claim-1'))).toBe(true);
      expect(manifestOf(root, runId)['slurm']['job_id']).toBe(jobId);
    },
    SLOW_MS,
  );

  it(
    'keeps a script that was written by hand, and refuses one that breaks the rules',
    async () => {
      const root = slurmProject();
      const file = 'experiments/iter1/launch/run_slurm.sbatch';
      const plan = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      const script = String(plan.json['plan']['script']).replace(
        '# Rendered by autolab',
        '# Mine, rendered by autolab',
      );
      write(root, file, script.replace('set -euo pipefail\n', ''));
      const refused = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([refused.status, refused.json['code']]).toEqual([10, 'script.invalid']);
      expect(runIds(root)).toEqual([]);
      write(root, file, script);
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(read(root, file)).toBe(script);
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)['entrypoint']['script_source']).toBe('hand_written');
    },
    SLOW_MS,
  );
});
