import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { fakeCommands, runIds, startsOf, until, write } from '../support/project.ts';
import { begun, hasClaim, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, journalOf, slurm, type SlurmEnv, slurmProject } from '../support/slurm-project.ts';

/** One job, whatever dies or gets lost around `sbatch` (X1, X2, R18). */

let env: SlurmEnv;

/** The state of the run's job as the queue has it; empty where it has none. */
function queued(root: string, runId: string): string {
  const key = manifestOf(root, runId)['slurm']['submit_key'] as string;
  return slurm(env, ['squeue', '--noheader', '--name', key, '--format=%T %r']).trim();
}

async function expectCompleted(root: string): Promise<Record<string, any>> {
  const resumed = await autolabJson(root, ['launch'], { env });
  expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  expect(startsOf(root, runId)).toBe(1);
  await expectOnce(env, root, runId);
  return manifestOf(root, runId);
}

describeOnSlurm('submitting exactly once', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'adopts the held job of a driver that was killed between sbatch and its record',
    async () => {
      const root = slurmProject();
      await killed(root, 'submit.answered');
      const [runId = ''] = runIds(root);
      expect(journalOf(root, runId).some((line) => line.event === 'job.submitted')).toBe(false);
      const manifest = await expectCompleted(root);
      expect(manifest['slurm']['adopted']).toBe(true);
      expect(manifest['slurm']['evidence'].join('\n')).toContain('found under its name');
    },
    SLOW_MS,
  );

  it.each([
    'journal.submit.submit.tried.before',
    'journal.submit.submit.tried.after',
    'journal.submit.job.submitted.torn',
    'journal.submit.job.submitted.after',
    'ledger.append',
    'submit.listed',
    'journal.submit.job.releasing.after',
    'submit.released',
    'journal.submit.job.released.after',
    'journal.wait.step.outcome.before',
    'journal.confirm.step.outcome.before',
    'journal.sync_artifacts_to_local.step.outcome.before',
    'journal.close.run.closed.after',
  ])(
    'goes on with the same job after a kill at %s',
    async (place) => {
      const root = slurmProject();
      await killed(root, place);
      await expectCompleted(root);
    },
    SLOW_MS,
  );

  it(
    'finds the job whose acceptance got lost, and submits no second one',
    async () => {
      const lost = fakeCommands({
        sbatch:
          'PATH="${PATH#*:}"\ncase "$*" in *--parsable*) ;; *) exec sbatch "$@";; esac\nsbatch "$@" >/dev/null\necho "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2\nexit 1',
      });
      const root = slurmProject();
      const end = await autolabJson(root, ['launch'], { env: { ...env, ...lost } });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      await expectOnce(env, root, runId);
      expect(manifestOf(root, runId)['slurm']['adopted']).toBe(true);
    },
    SLOW_MS,
  );

  it(
    'submits again only after several answers agreed that there is no job',
    async () => {
      const folder = slurmProject();
      const once = fakeCommands({
        sbatch: `PATH="\${PATH#*:}"\ncase "$*" in *--parsable*) ;; *) exec sbatch "$@";; esac\nif mkdir ${folder}/.autolab/refused 2>/dev/null; then echo "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)" >&2; exit 1; fi\nexec sbatch "$@"`,
      });
      const end = await autolabJson(folder, ['launch'], { env: { ...env, ...once } });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(folder);
      const lookups = journalOf(folder, runId).filter(
        (line) => line.step === 'submit' && line.data['command'] === 'squeue',
      );
      expect(lookups.length).toBeGreaterThanOrEqual(4);
      await expectOnce(env, folder, runId);
    },
    SLOW_MS,
  );

  it(
    'lets one of two launches have the run, and names it to the other',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const first = startAutolab(root, ['launch', '--json'], { env });
      const runId = await begun(root);
      const second = await autolabJson(root, ['launch'], { env });
      expect([second.status, second.json['outcome']]).toEqual([13, 'conflict']);
      letEnd(root, runId);
      expect((await first.ended).status).toBe(0);
      await expectOnce(env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'tells a scancel of the held job from outside, and starts nothing',
    async () => {
      const root = slurmProject();
      await killed(root, 'submit.listed');
      const [runId = ''] = runIds(root);
      slurm(env, ['scancel', await jobOf(root, runId)]);
      const end = await autolabJson(root, ['resume'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.cancelled']);
      expect(startsOf(root, runId)).toBe(0);
      expect(hasClaim(root)).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'cancels a held job that nobody drives',
    async () => {
      const root = slurmProject();
      await killed(root, 'submit.listed');
      const [runId = ''] = runIds(root);
      expect(queued(root, runId)).toBe('PENDING JobHeldUser');
      const cancel = await autolabJson(root, ['cancel'], { env });
      expect([cancel.status, cancel.json['code']], cancel.stderr).toEqual([0, 'run.cancelled']);
      expect(queued(root, runId)).toBe('');
      expect(startsOf(root, runId)).toBe(0);
    },
    SLOW_MS,
  );

  it(
    'does not start the entrypoint where the code changed while the job was queued (X4)',
    async () => {
      const root = slurmProject({ git: true });
      await killed(root, 'submit.listed');
      write(root, 'experiments/iter1/main.sh', 'echo something else\n');
      const end = await autolabJson(root, ['resume'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.code_changed']);
      const [runId = ''] = runIds(root);
      expect(startsOf(root, runId)).toBe(0);
    },
    SLOW_MS,
  );

  it(
    'does not start the entrypoint where a file was added while the job was queued (X4)',
    async () => {
      const root = slurmProject({ git: true });
      await killed(root, 'submit.listed');
      write(root, 'src/sitecustomize.py', 'print("hello")\n');
      const end = await autolabJson(root, ['resume'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.code_changed']);
    },
    SLOW_MS,
  );

  it(
    'goes on by itself after --detach, and is finished by resume',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const detached = await autolabJson(root, ['launch', '--detach'], { env });
      expect([detached.status, detached.json['outcome']], detached.stderr).toEqual([0, 'submitted']);
      const runId = await begun(root);
      const status = await autolabJson(root, ['status'], { env });
      expect(status.json).toMatchObject({
        driver: 'nobody',
        entrypoint: 'running',
        queue_state: 'RUNNING',
        job_id: detached.json['job_id'],
      });
      const again = await autolabJson(root, ['launch', '--detach'], { env });
      expect(again.json['outcome']).toBe('submitted');
      const follow = startAutolab(root, ['logs', '-f', '--stream', 'out'], { env });
      write(root, `experiments/iter1/runs/${runId}/go`, '');
      await follow.ended;
      const finished = await autolabJson(root, ['resume', '--detach'], { env });
      expect([finished.status, finished.json['code']], finished.stderr).toEqual([0, 'run.completed']);
      await expectOnce(env, root, runId);
      expect((await autolab(root, ['resume'], { env })).status).toBe(0);
    },
    SLOW_MS,
  );

  it(
    'leaves the job alone at Ctrl-C, and says how to go on',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const running = startAutolab(root, ['launch', '--json'], { env });
      const runId = await begun(root);
      running.child.kill('SIGINT');
      const end = await running.ended;
      expect(end.status, end.stderr).toBe(130);
      expect(JSON.parse(end.stdout)).toMatchObject({ outcome: 'interrupted' });
      expect(queued(root, runId)).toContain('RUNNING');
      letEnd(root, runId);
      await expectCompleted(root);
    },
    SLOW_MS,
  );

  it.each([
    ['its receipt and its logs', 'rm -rf "$AUTOLAB_RUN_DIR"/receipt "$AUTOLAB_RUN_DIR"/logs'],
    ['its receipt by a folder', 'mkdir "$AUTOLAB_RUN_DIR/receipt/exit.json"'],
  ])(
    'takes the word of Slurm where the job replaces %s',
    async (_what, damage) => {
      const root = slurmProject({
        entrypoint: `echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n${damage}\nsleep 3\n`,
      });
      const end = await autolabJson(root, ['launch'], { env });
      expect(end.json['code'], end.stderr).not.toBe('internal');
      const [runId = ''] = runIds(root);
      expect(startsOf(root, runId)).toBe(1);
      expect(manifestOf(root, runId)['slurm']['state']).toBe('COMPLETED');
    },
    SLOW_MS,
  );

  it(
    'knows a job that somebody renamed while it ran, and takes a copy of it out of the queue',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const driver = startAutolab(root, ['launch', '--json'], { env });
      const runId = await begun(root);
      slurm(env, ['scontrol', 'update', `jobid=${await jobOf(root, runId)}`, 'jobname=mine']);
      // A second copy that the site renamed is known by its script alone.
      const argv = (manifestOf(root, runId)['slurm']['submit_argv'] as string[]).map((word) =>
        word.startsWith('--job-name=') ? '--job-name=copy' : word,
      );
      const copy = slurm(env, argv).trim();
      letEnd(root, runId);
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(manifestOf(root, runId)['slurm']['evidence'].join('\n')).toContain('the job was submitted as autolab-');
      expect(slurm(env, ['squeue', '--noheader', '-j', copy, '--states=all', '--format=%T']).trim()).toBe('CANCELLED');
    },
    SLOW_MS,
  );

  it(
    'runs paths with spaces, quotes and letters of other alphabets',
    async () => {
      const root = slurmProject({ command: ['bash', "experiments/iter1/it's “größer” 100%.sh"] });
      write(
        root,
        "experiments/iter1/it's “größer” 100%.sh",
        'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
      );
      await expectCompleted(root);
    },
    SLOW_MS,
  );
});

/** Kills the driver at a place that it must reach. */
async function killed(root: string, place: string): Promise<void> {
  const ended = await autolab(root, ['launch'], { env: { ...env, AUTOLAB_CRASH_AT: place } });
  expect(`${place}: ${String(ended.signal)}`, ended.stderr + ended.stdout).toBe(`${place}: SIGKILL`);
  await until('the run folder is there', () => existsSync(join(root, 'experiments/iter1/runs')));
}
