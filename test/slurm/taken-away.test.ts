import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { keepUntilEnd, read, runIds, temporaryFolder } from '../support/project.ts';
import { begun, eachOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { jobOf, slurm, type SlurmEnv, slurmProject, untilSlurm } from '../support/slurm-project.ts';
import { endByHints, LOSSES, type LossName } from '../support/taken-away.ts';

/** What an open run with a running job stands on is taken away, one by one: documented commands end run and job. */

let env: SlurmEnv;

const STARTS = '.autolab/starts';

const NAMES: readonly LossName[] = [
  'nothing',
  'receipt/ removed',
  'journal removed',
  'journal garbage',
  'run folder removed',
  'claim removed',
  'claim garbage',
  'state garbage',
  'backlog garbage',
  'design garbage',
  'launch.yaml removed',
  'ledger is a folder',
  'iteration renamed',
  'TMPDIR gone',
];

describeOnSlurm('an open run with a job', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'is ended by following the hints, whatever it stood on is gone',
    async () => {
      await eachOf(NAMES, async (name) => {
        const root = keepUntilEnd(
          slurmProject({ entrypoint: `echo started >> "$AUTOLAB_REPO_ROOT/${STARTS}"\n${WAITING}` }),
        );
        await autolab(root, ['launch', '--detach'], { env });
        const [runId = ''] = runIds(root);
        const job = await jobOf(root, runId);
        await begun(root);
        const run = { root, runId, scratch: temporaryFolder() };
        const after = { ...env, ...LOSSES[name](run) };

        // A job that was cancelled is in the queue for some seconds more.
        const calls = await endByHints(run, after, 10);

        const told = `${name}: ${JSON.stringify(calls, null, 1)}`;
        expect(told).not.toMatch(/a copy|autolab has a bug/);
        for (const { status, code } of calls) if (code !== '') expect([0, 10, 12, 13, 14], told).toContain(status);
        await untilSlurm(`the job leaves the queue: ${told}`, () => !queue().includes(job));
        const { json } = await autolabJson(root, ['launch', '--dry-run'], { env: after });
        expect(json['code'], told).not.toMatch(/^(journal|lease|run\.(other|copied|und))/);
        expect(read(root, STARTS), told).toBe('started\n');
      });
    },
    4 * SLOW_MS,
  );
});

function queue(): readonly string[] {
  return slurm(env, ['squeue', '--noheader', '--me', '--format=%i']).split('\n');
}
