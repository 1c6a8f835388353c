import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { edit, runIds, startsOf, write } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { jobOf, slurm, type SlurmEnv, slurmProject, untilSlurm } from '../support/slurm-project.ts';

/** Data that change while a job waits. */

let env: SlurmEnv;

describeOnSlurm('data of a job', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'are compared on the node, just before the entrypoint',
    async () => {
      const root = slurmProject({ compute: { begin: 'now+1hour' } });
      write(root, 'data/a.csv', 'one\n');
      edit(root, 'experiments/iter1/design.yaml', (text) => `${text}inputs: [data]\n`);
      edit(root, '.gitignore', (text) => `${text}/data\n`);
      const launched = await autolabJson(root, ['launch', '--detach'], { env });
      expect(launched.json['outcome'], launched.stderr).toBe('submitted');
      const [runId = ''] = runIds(root);
      const jobId = await jobOf(root, runId);
      await untilSlurm('the job waits', () => /BeginTime/.test(slurm(env, ['squeue', '-h', '-j', jobId, '-o', '%r'])));
      write(root, 'data/a.csv', 'ONE\n');
      slurm(env, ['scontrol', 'update', `jobid=${jobId}`, 'starttime=now']);

      const ended = await autolabJson(root, ['resume'], { env });

      expect([ended.status, ended.json['code']], ended.stderr).toEqual([10, 'slurm.inputs_changed']);
      expect(ended.json['message']).toContain(': data/a.csv.');
      expect(startsOf(root, runId)).toBe(0);
      expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
      expect(manifestOf(root, runId)['data_inputs']).toMatchObject([{ path: 'data', files: 1, bytes: 4 }]);
      expect(readFileSync(inRun(root, 'iter1', runId, `logs/slurm-${jobId}.err`), 'utf8')).toContain(
        'data/a.csv: FAILED',
      );

      edit(root, 'experiments/iter1/design.yaml', (text) => text.replace(/.*begin.*\n/, ''));
      const again = await autolabJson(root, ['launch'], { env });
      expect(again.json['code'], again.stderr).toBe('run.completed');
    },
    SLOW_MS,
  );
});
