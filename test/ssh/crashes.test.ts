import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject, farRun } from '../support/far-project.ts';
import { runIds, startsOf, until } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, journalOf, slurm, type SlurmEnv, untilSlurm } from '../support/slurm-project.ts';

/** One job, whatever dies or breaks on either side (X1, X2, R18 over ssh). */

let env: SlurmEnv;
let cluster: Cluster;
let far: Far;

/** Another host for a test that breaks it. */
async function ownFar(): Promise<Far> {
  return Far.start({ env: cluster.env, shared: [cluster.folder] });
}

async function killed(root: string, place: string): Promise<void> {
  const ended = await autolab(root, ['launch'], { env: { ...far.near, AUTOLAB_CRASH_AT: place } });
  expect(ended.signal ?? ended.status, ended.stderr).not.toBe(0);
}

async function expectCompleted(root: string, over: Far = far): Promise<Record<string, any>> {
  const resumed = await autolabJson(root, ['launch'], { env: over.near });
  expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  expect(startsOf(root, runId)).toBe(1);
  await expectOnce(env, root, runId);
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  return manifestOf(root, runId);
}

/** Waits in the job until a file is in the run's folder over there; says so in a line of its log. */
const WAITING_THERE =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho waiting\nuntil [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.2; done\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';

describeOverSsh('over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
    far = await ownFar();
  });

  it.each([
    'journal.sync_to_remote.step.intent.after',
    'journal.sync_to_remote.step.outcome.before',
    'journal.submit.submit.tried.after',
    'submit.answered',
    'journal.submit.job.submitted.torn',
    'submit.released',
    'journal.wait.step.outcome.before',
    'journal.confirm.step.outcome.before',
    'journal.collect_to_remote.step.outcome.before',
    'journal.sync_artifacts_to_local.step.outcome.before',
    'journal.close.run.closed.after',
  ])(
    'goes on with the same job after a kill at %s',
    async (place) => {
      const root = farProject(far);
      await killed(root, place);
      const manifest = await expectCompleted(root);
      // The answer was kept over there.
      if (place === 'submit.answered') expect(manifest['slurm']['adopted']).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'finds the answer of sbatch over there, where the connection broke before it came here',
    async () => {
      const over = await ownFar();
      over.program(
        'sbatch',
        `#!/bin/sh\ncase "$*" in *--hold*) ;; *) exec /usr/bin/sbatch "$@" ;; esac\necho called >> '${over.home}/calls'\n/usr/bin/sbatch "$@"; status=$?\ntouch '${over.home}/submitted'\nuntil [ -e '${over.home}/cut' ]; do sleep 0.1; done\nexit $status\n`,
      );
      const root = farProject(over);
      const launch = startAutolab(root, ['launch', '--json'], { env: over.near });
      await until('sbatch has answered over there', () => over.cutWhen(join(over.home, 'submitted')));
      writeFileSync(join(over.home, 'cut'), '');
      const launched = await launch.ended;
      expect([launched.status, parseJson(launched)['code']], launched.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      expect(readFileSync(join(over.home, 'calls'), 'utf8')).toBe('called\n');
      expect(startsOf(root, runId)).toBe(1);
      await expectOnce(env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'closes a lost submission to late copies, although it is killed right after the fence is up over there',
    async () => {
      const over = await ownFar();
      over.program(
        'sbatch',
        `#!/bin/sh\ncase "$*" in *--test-only*) exec /usr/bin/sbatch "$@" ;; esac\necho called >> '${over.home}/calls'\necho 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1\n`,
      );
      const root = farProject(over, { launchYaml: 'submit: {hold: false, reconcile_seconds: 1}\n' });
      const first = await autolab(root, ['launch'], { env: { ...over.near, AUTOLAB_CRASH_AT: 'fence.claim_there' } });
      expect(first.signal, first.stdout + first.stderr).toBe('SIGKILL');
      const again = await autolabJson(root, ['launch'], { env: over.near });
      expect([again.status, again.json['code']], again.stderr).toEqual([10, 'slurm.submit_lost']);
      const [runId = ''] = runIds(root);
      expect(readFileSync(join(over.home, 'calls'), 'utf8')).toBe('called\n');
      expect(JSON.parse(readFileSync(farRun(over, runId, 'receipt/claim'), 'utf8'))).toMatchObject({
        kind: 'tombstone',
      });
      expect([startsOf(root, runId), hasClaim(root)]).toEqual([0, false]);
    },
    SLOW_MS,
  );

  it.each(['close.claim_there', 'close.closed_there'])(
    'gives a run up of which Slurm says nothing any more, although it is killed at %s',
    async (place) => {
      const over = await ownFar();
      const root = farProject(over);
      const env = { ...over.near, AUTOLAB_CRASH_AT: 'journal.submit.job.submitted.after' };
      expect((await autolab(root, ['launch'], { env })).signal).toBe('SIGKILL');
      for (const command of ['squeue', 'sacct', 'scontrol'])
        over.program(command, "#!/bin/sh\necho 'error: Unable to contact slurm controller' >&2; exit 1\n");
      const words = ['cancel', '--force', '--by', 'ada', '--note', 'no longer wanted'];
      const first = await autolab(root, words, { env: { ...over.near, AUTOLAB_CRASH_AT: place } });
      expect(first.signal, first.stdout + first.stderr).toBe('SIGKILL');
      const again = await autolabJson(root, words, { env: over.near });
      expect([again.status, again.json['code']], again.stderr).toEqual([10, 'run.abandoned']);
      const [runId = ''] = runIds(root);
      expect(hasClaim(root)).toBe(false);
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      // Somebody lets the job go all the same: it finds the claim taken.
      const jobId = manifestOf(root, runId)['job_id'] as string;
      slurm(cluster.env, ['scontrol', 'release', jobId]);
      await untilSlurm('the job has ended', () => slurm(cluster.env, ['squeue', '-h', '-j', jobId]).trim() === '');
      expect(startsOf(root, runId)).toBe(0);
      expect(existsSync(farRun(over, runId, 'marker'))).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'waits through a connection that is cut, and a host that is away for a while',
    async () => {
      const over = await ownFar();
      const root = farProject(over, { entrypoint: WAITING_THERE });
      const launch = startAutolab(root, ['launch', '--json'], { env: over.near });
      const runId = await (async (): Promise<string> => {
        await until('a run is there', () => runIds(root).length > 0);
        return runIds(root)[0] ?? '';
      })();
      const jobId = await jobOf(root, runId);
      const log = inRun(root, 'iter1', runId, `logs/slurm-${jobId}.out`);
      await until(
        'the log is here while the job runs',
        () => existsSync(log) && readFileSync(log, 'utf8') === 'waiting\n',
      );
      await over.closePort();
      over.cutConnections();
      const told = (): string => readFileSync(inRun(root, 'iter1', runId, 'logs/driver.log'), 'utf8');
      await until('the driver notices', () => told().includes('does not answer'));
      await over.openPort();
      await until('the driver is through again', () => told().includes('answers again'));
      writeFileSync(farRun(over, runId, 'go'), '');
      const launched = await launch.ended;
      expect([launched.status, parseJson(launched)['code']], launched.stderr).toEqual([0, 'run.completed']);
      await expectOnce(env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'detaches, tells how it stands, follows the log, cancels, and keeps what there is',
    async () => {
      const root = farProject(far, { entrypoint: WAITING_THERE });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: far.near });
      expect([detached.status, detached.json['code']], detached.stderr).toEqual([0, 'run.submitted']);
      const runId = detached.json['run_id'] as string;
      const log = farRun(far, runId, `logs/slurm-${detached.json['job_id'] as string}.out`);
      await until('the entrypoint waits', () => existsSync(log) && readFileSync(log, 'utf8') !== '');
      const status = await autolabJson(root, ['status'], { env: far.near });
      expect(status.json, status.stdout).toMatchObject({
        entrypoint: 'running',
        driver: 'nobody',
        queue_state: 'RUNNING',
        last_line: 'waiting',
      });
      expect((await autolab(root, ['logs', '--stream', 'out'], { env: far.near })).stdout).toBe('waiting\n');
      const cancelled = await autolabJson(root, ['cancel'], { env: far.near });
      expect([cancelled.status, cancelled.json['code']], cancelled.stderr).toEqual([0, 'run.cancelled']);
      expect(startsOf(root, runId)).toBe(1);
      expect(manifestOf(root, runId)['artifacts']).toMatchObject({ partial: true });
      expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'says that the host is away, repeats nothing, and goes on when it is back',
    async () => {
      const over = await ownFar();
      const root = farProject(over, { entrypoint: WAITING_THERE });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: over.near });
      const runId = detached.json['run_id'] as string;
      await over.closePort();
      await over.disconnect();
      const status = await autolabJson(root, ['status'], { env: over.near });
      expect(status.status).toBe(0);
      expect(status.json['message']).toContain('no answer');
      const waited = await autolabJson(root, ['resume', '--wait-timeout', '3'], { env: over.near });
      expect([waited.status, waited.json['outcome']], waited.stderr).toEqual([14, 'undetermined']);
      await over.openPort();
      writeFileSync(farRun(over, runId, 'go'), '');
      await expectCompleted(root, over);
      expect(journalOf(root, runId).filter(({ event }) => event === 'submit.tried')).toHaveLength(1);
    },
    SLOW_MS,
  );
});
