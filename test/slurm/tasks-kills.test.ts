import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { fakeCommands, runIds } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { type SlurmEnv } from '../support/slurm-project.ts';
import { expectArraysOnce, tasksProject } from '../support/tasks/slurm-tasks.ts';

/** Each array once and each task once, whatever dies or gets lost around `sbatch` (X1, X2, R18). */

let env: SlurmEnv;

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 2, chunk_tasks: 2}\nconfirm: {timeout_seconds: 60}\n';

async function expectEachOnce(root: string): Promise<Record<string, any>> {
  const ran = await autolabJson(root, ['launch'], { env });
  const words = `${String(ran.json['message'])}\n${ran.stderr}`;
  expect([ran.status, ran.json['code']], words).toEqual([0, 'run.completed']);
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  await expectArraysOnce(env, root, runId, { count: 5, arrays: 3 });
  return manifestOf(root, runId);
}

describeOnSlurm('submitting arrays exactly once', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it.each([
    'journal.submit.chunk.planned.after#2',
    'journal.submit.submit.tried.after#2',
    'submit.answered#2',
    'journal.submit.job.submitted.torn#2',
    'ledger.append#2',
    'journal.submit.job.releasing.after#2',
    'submit.released#2',
    'journal.wait.step.outcome.before',
    'fence.claim_there',
    'journal.confirm.step.outcome.before',
  ])(
    'goes on with the same arrays after a kill at %s',
    async (place) => {
      const root = tasksProject({ count: 5, launchYaml: QUICK });
      const killed = await autolab(root, ['launch'], { env: { ...env, AUTOLAB_CRASH_AT: place } });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      await expectEachOnce(root);
    },
    SLOW_MS,
  );

  it(
    'finds the array whose acceptance got lost, and submits no second one',
    async () => {
      const root = tasksProject({ count: 5, launchYaml: QUICK });
      const lost = fakeCommands({
        sbatch: `PATH="\${PATH#*:}"\ncase "$*" in *--parsable*.1\\ *) ;; *) exec sbatch "$@";; esac\nsbatch "$@" >/dev/null\necho "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2\nexit 1`,
      });
      env = { ...env, ...lost };
      const manifest = await expectEachOnce(root);
      expect((manifest['slurm']['jobs'] as { adopted: boolean }[]).map(({ adopted }) => adopted)).toEqual([
        false,
        true,
        false,
      ]);
    },
    SLOW_MS,
  );
});
