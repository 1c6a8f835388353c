import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { gate } from '../support/far-gate.ts';
import { farProject, farRun } from '../support/far-project.ts';
import { commitAll, keepUntilEnd, runIds, startsOf, until, write } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import {
  expectOnce,
  jobOf,
  journalOf,
  ledgerRows,
  slurm,
  type SlurmEnv,
  slurmProject,
} from '../support/slurm-project.ts';

/** Hosts that are slow, wrong about the time, shared, or gone; and people who are impatient (R18, R21, X1, X2 over ssh). */

let env: SlurmEnv;
let cluster: Cluster;
let far: Far;

async function ownFar(shared: readonly string[] = []): Promise<Far> {
  return Far.start({ env: cluster.env, shared: [cluster.folder, ...shared] });
}

async function firstRun(root: string): Promise<string> {
  await until('a run is there', () => runIds(root).length > 0);
  return runIds(root)[0] ?? '';
}

/** The run of the project came to its end with one start of its one job. */
async function expectOneJob(root: string): Promise<string> {
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  expect(startsOf(root, runId)).toBe(1);
  await expectOnce(env, root, runId);
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  return runId;
}

const WAITING_THERE =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\nuntil [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.2; done\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';

describeOverSsh('hosts behind ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
    far = await ownFar();
  });

  it(
    'shared_fs: the scheduler is asked over ssh, and no file travels',
    async () => {
      const root = keepUntilEnd(slurmProject());
      const over = await ownFar([root]);
      const profile = `{mode: shared_fs, login_host: ${over.destination}, connect_timeout_seconds: 5}`;
      write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far: ${profile}\n`);
      commitAll(root);
      const launched = await autolabJson(root, ['launch'], { env: over.near });
      expect([launched.status, launched.json['code']], launched.stderr).toEqual([0, 'run.completed']);
      const runId = await expectOneJob(root);
      expect(existsSync(join(root, '.autolab/worktrees'))).toBe(false);
      expect(manifestOf(root, runId)['artifact_sync_to_local']).toMatchObject({ status: 'ok' });
    },
    SLOW_MS,
  );

  it(
    "the queue's answer comes in one round trip with the receipt of the end",
    async () => {
      const over = await ownFar();
      const callers = join(over.home, 'squeue.callers');
      over.program(
        'squeue',
        `#!/bin/sh\ntr '\\0\\n' '  ' < /proc/$PPID/cmdline >> '${callers}'\necho >> '${callers}'\nexec /usr/bin/squeue "$@"\n`,
      );
      const root = farProject(over, { entrypoint: WAITING_THERE });
      const driver = startAutolab(root, ['launch', '--json'], { env: over.near });
      const runId = await firstRun(root);
      // From here on the driver does nothing but look; the queue is not asked again by itself for a minute or so.
      await until('the start is told', () => journalOf(root, runId).some(({ event }) => event === 'run.started'));
      writeFileSync(farRun(over, runId, 'go'), '');
      const ended = await driver.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
      await expectOneJob(root);
      const asked = readFileSync(callers, 'utf8').trimEnd().split('\n');
      // In a shell of the look's, not as a command of its own.
      expect(asked.filter((line) => line.includes('-c squeue -j')).length, asked.join('\n')).toBeGreaterThan(0);
    },
    SLOW_MS,
  );

  it.each([
    ['an hour', 3600],
    ['a day', 86_400],
  ])(
    'a clock that is %s off is told, and changes nothing',
    async (_, seconds) => {
      const over = await ownFar();
      over.program(
        'date',
        `#!/bin/sh\ncase "$*" in +%s) echo $(($(/usr/bin/date +%s) - ${seconds})) ;; *) exec /usr/bin/date -d "${seconds} seconds ago" "$@" ;; esac\n`,
      );
      const root = farProject(over);
      const checked = await autolab(root, ['remote', 'check'], { env: over.near });
      const [, behind = ''] = /(\d+) s behind/.exec(checked.stdout + checked.stderr) ?? [];
      expect(Number(behind)).toBeGreaterThanOrEqual(seconds);
      expect(Number(behind)).toBeLessThan(seconds + 100);
      const launched = await autolabJson(root, ['launch'], { env: over.near });
      expect([launched.status, launched.json['code']], launched.stderr).toEqual([0, 'run.completed']);
      await expectOneJob(root);
    },
    SLOW_MS,
  );

  it(
    'credentials in what is said over there are not told, and not written down',
    async () => {
      const over = await ownFar();
      const leak = 'Invalid qos specification, says https://ada:hunter2hunter2@site.example for tok-5ae1f00dcafe';
      over.program(
        'sbatch',
        `#!/bin/sh\ncase "$*" in *--hold*) echo 'sbatch: error: Batch job submission failed: ${leak}' >&2; exit 1 ;; esac\nexec /usr/bin/sbatch "$@"\n`,
      );
      const root = farProject(over);
      const refused = await autolabJson(root, ['launch'], { env: { ...over.near, API_TOKEN: 'tok-5ae1f00dcafe' } });
      expect(refused.json['code'], refused.stdout).toBe('slurm.refused');
      expect(refused.json['message']).toContain('https://***@site.example for ***');
      const runId = runIds(root)[0] ?? '';
      const files = ['journal.jsonl', 'run_manifest.json', 'logs/driver.log', 'logs/sbatch.txt'];
      const written = files.map((name) => inRun(root, 'iter1', runId, name)).filter((path) => existsSync(path));
      expect(written.length).toBeGreaterThan(2);
      for (const path of written)
        expect(readFileSync(path, 'utf8'), path).not.toMatch(/hunter2hunter2|tok-5ae1f00dcafe/);
    },
    SLOW_MS,
  );

  it(
    'the folder of the run is removed over there while the job waits: nothing runs, and the run ends',
    async () => {
      const root = farProject(far);
      // Nobody may begin while the folder goes.
      const held = gate(far, 'scontrol', '*release*');
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      const runId = await firstRun(root);
      await held.reached();
      rmSync(farRun(far, runId), { recursive: true });
      held.open();
      const ended = await driver.ended;
      rmSync(join(far.folder, 'bin/scontrol'));
      expect(ended.status, ended.stdout + ended.stderr).toBe(10);
      expect(startsOf(root, runId)).toBe(0);
      expect(existsSync(farRun(far, runId, 'marker'))).toBe(false);
      expect(hasClaim(root)).toBe(false);
      expect(ledgerRows(root)).toHaveLength(1);
      const jobId = await jobOf(root, runId);
      expect(slurm(env, ['squeue', '-h', '-j', jobId, '--states=PD,R', '-o', '%i'])).toBe('');
    },
    SLOW_MS,
  );

  it(
    'Ctrl-C while sbatch hangs over there: the next call finds out what came of it',
    async () => {
      const over = await ownFar();
      const hanging = gate(over, 'sbatch', '*--hold*');
      const root = farProject(over);
      const driver = startAutolab(root, ['launch', '--json'], { env: over.near });
      await hanging.reached();
      driver.child.kill('SIGINT');
      const left = await driver.ended;
      expect([left.status, parseJson(left)['code']], left.stderr).toEqual([130, 'interrupted']);
      hanging.open();
      const later = await autolabJson(root, ['launch'], { env: over.near });
      expect([later.status, later.json['code']], later.stderr).toEqual([0, 'run.completed']);
      await expectOneJob(root);
    },
    SLOW_MS,
  );

  /** A job that waits for a file, on a host that is away. */
  async function hostGone(): Promise<{ root: string; over: Far; runId: string; jobId: string }> {
    const over = await ownFar();
    const root = farProject(over, { entrypoint: WAITING_THERE });
    const detached = await autolabJson(root, ['launch', '--detach'], { env: over.near });
    expect(detached.status, detached.stderr).toBe(0);
    await over.closePort();
    await over.disconnect();
    return { root, over, runId: String(detached.json['run_id']), jobId: String(detached.json['job_id']) };
  }

  it(
    'cancel while the host is away can be left, says after a while that nobody answers, and is done when it is back',
    async () => {
      const { root, over, runId } = await hostGone();
      const first = startAutolab(root, ['cancel', '--json'], { env: over.near });
      const log = inRun(root, 'iter1', runId, 'logs/driver.log');
      await until('it says that nobody answers', () => readFileSync(log, 'utf8').includes('does not answer'));
      first.child.kill('SIGINT');
      const left = await first.ended;
      expect([left.status, parseJson(left)['code']], left.stderr).toEqual([130, 'interrupted']);
      const second = await autolabJson(root, ['cancel'], { env: over.near });
      expect([second.status, second.json['code'], hasClaim(root)], second.stderr).toEqual([14, 'remote.lost', true]);
      expect(readFileSync(log, 'utf8')).not.toContain('Cancelled job');
      await over.openPort();
      const third = await autolabJson(root, ['resume'], { env: over.near });
      expect([third.status, third.json['code']], third.stderr).toEqual([10, 'run.cancelled']);
      expect(hasClaim(root)).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'a host that stays away: the run can be given up, and says on what evidence',
    async () => {
      const { root, over, runId, jobId } = await hostGone();
      const words = ['cancel', '--force', '--by', 'ada', '--note', 'the host is gone'];
      const given = await autolabJson(root, words, { env: over.near });
      expect([given.status, given.json['code']], given.stdout + given.stderr).toEqual([10, 'run.abandoned']);
      expect(given.json['message']).toMatch(/ada abandoned the run: the host is gone.*does not answer/);
      expect(hasClaim(root)).toBe(false);
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      slurm(env, ['scancel', jobId]);
    },
    SLOW_MS,
  );
});
