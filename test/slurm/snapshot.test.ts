import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { edit, runIds, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, slurm, type SlurmEnv, slurmProject, untilSlurm } from '../support/slurm-project.ts';
import { inSnapshots, SHOWING, trees, withSnapshots } from '../support/snapshots.ts';

/** A job that runs from a copy of the code: nobody's edit while it waits stops or changes it (X4, X19). */

let env: SlurmEnv;

const SETTINGS =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6}\nconfirm: {timeout_seconds: 60}\ncode: {run_from: snapshot, link: [data]}\n';

describeOnSlurm('a snapshot on Slurm', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'runs the code as it was launched, whatever becomes of the work tree while the job waits',
    async () => {
      const entrypoint = `${SHOWING}cat data/set.csv > "$AUTOLAB_RUN_DIR/data"\nls > "$AUTOLAB_RUN_DIR/names"\n`;
      const root = withSnapshots(slurmProject({ entrypoint, compute: { begin: 'now+1hour' } }), SETTINGS);
      write(root, 'data/set.csv', '1\n');
      const launched = await autolabJson(root, ['launch', '--detach'], { env });
      expect(launched.json, launched.stderr).toMatchObject({ outcome: 'submitted' });
      const [runId = ''] = runIds(root);
      const jobId = await jobOf(root, runId);
      await untilSlurm('the job waits', () => /BeginTime/.test(slurm(env, ['squeue', '-h', '-j', jobId, '-o', '%r'])));

      write(root, 'lib.txt', 'edited while it waits\n');
      write(root, 'added.py', 'added\n');
      rmSync(join(root, 'experiments/iter1/main.sh'));
      edit(root, 'experiments/iter1/design.yaml', (text) => `${text}# a note\n`);
      write(root, 'data/set.csv', '2\n');
      const cleaned = await autolabJson(root, ['clean'], { env });
      expect(cleaned.json['leftovers']).toEqual(
        expect.arrayContaining([expect.objectContaining({ what: 'snapshot', needed_by: runId })]),
      );
      slurm(env, ['scontrol', 'update', `jobid=${jobId}`, 'starttime=now']);

      const ended = await autolabJson(root, ['resume'], { env });
      expect(ended.json, ended.stderr).toMatchObject({ code: 'run.completed', outcome: 'completed' });
      const output = (name: string): string => readFileSync(inRun(root, 'iter1', runId, name), 'utf8').trim();
      const [tree = ''] = trees(root);
      expect([output('saw'), output('where')]).toEqual(['as approved', join(root, '.autolab/snapshots', tree)]);
      expect(output('names').split('\n')).toEqual(['data', 'docs', 'experiments', 'lib.txt']);
      // What is linked is the work tree's.
      expect(output('data')).toBe('2');
      expect(manifestOf(root, runId)['commit']).toMatchObject({
        run_from: 'snapshot',
        snapshot: { digest: tree, link: ['data'] },
      });
      await expectOnce(env, root, runId);
      expect((await autolabJson(root, ['clean'], { env })).status).toBe(0);
      expect([trees(root), inSnapshots(root, 'store')]).toEqual([[], []]);
    },
    SLOW_MS,
  );
});
