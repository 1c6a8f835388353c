import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farRun } from '../support/far-project.ts';
import { edit, runIds, until } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { journalOf, ledgerRows } from '../support/slurm-project.ts';
import { beganThere, farRunOf, farTasksProject } from '../support/tasks/far-tasks.ts';
import { beganIn, endsIn } from '../support/tasks/slurm-tasks.ts';

/** Each array once and each task once, whatever dies or breaks on either side (X1, X2, R18 over ssh). */

let cluster: Cluster;
let far: Far;

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 2, chunk_tasks: 2}\nconfirm: {timeout_seconds: 60}\n';
/** Several launches each. */
const LONG_MS = 2 * SLOW_MS;
/** The last task waits for a file. */
const LAST_WAITS = '[ "$1" != 4 ] || until [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.2; done';

async function expectEachOnce(root: string, over: Far = far): Promise<string> {
  const ran = await autolabJson(root, ['launch'], { env: over.near });
  expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([0, 'run.completed']);
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  await expectRecord(root, runId);
  return runId;
}

async function expectRecord(root: string, runId: string): Promise<void> {
  expect(beganIn(root, runId)).toEqual([0, 1, 2, 3, 4]);
  expect(endsIn(root, runId).map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'completed'));
  const jobs = manifestOf(root, runId)['slurm']['jobs'] as { job_id: string }[];
  expect(jobs).toHaveLength(3);
  expect(ledgerRows(root).map((row) => /job_id=(\d+)/.exec(row)?.[1])).toEqual(jobs.map(({ job_id }) => job_id));
  const verified = await autolab(root, ['verify', runId]);
  expect(verified.status, verified.stdout).toBe(0);
  expect(existsSync(inRun(root, 'iter1', runId, '.autolab-partial'))).toBe(false);
}

describeOverSsh('tasks over ssh, exactly once', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it.each([
    'journal.sync_to_remote.step.outcome.before',
    'journal.submit.chunk.planned.after#2',
    'submit.answered#2',
    'journal.submit.job.submitted.torn#2',
    'submit.released#2',
    'mirror.receipt#3',
    'bring.staged',
    'bring.placed',
  ])(
    'goes on with the same arrays after a kill at %s',
    async (place) => {
      const root = farTasksProject(far, { count: 5, launchYaml: QUICK, body: LAST_WAITS });
      const env = { ...far.near, AUTOLAB_CRASH_AT: place };
      const killed = await autolab(root, ['launch'], { env });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      writeFileSync(farRun(far, runIds(root)[0] ?? '', 'go'), '');
      await expectEachOnce(root);
    },
    LONG_MS,
  );

  it.each(['fence.claim_there', 'fetch.moved', 'journal.close.run.closed.after'])(
    'goes on with the same run after a kill at %s',
    async (place) => {
      const root = farTasksProject(far, { count: 5, launchYaml: QUICK });
      const killed = await autolab(root, ['launch'], { env: { ...far.near, AUTOLAB_CRASH_AT: place } });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      await expectEachOnce(root);
    },
    LONG_MS,
  );

  it(
    'waits through a connection that is cut, a host that is away, and a stop of the driver',
    async () => {
      const over = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const root = farTasksProject(over, { count: 5, launchYaml: QUICK, body: LAST_WAITS });
      const launch = startAutolab(root, ['launch', '--json'], { env: over.near });
      const runId = await farRunOf(root, over, 5);
      await until('it is known here what began and ended', () =>
        ['tasks/0/metrics.json', 'receipts/4.started', ...[0, 1, 2, 3].map((task) => `receipts/${task}.exit`)].every(
          (file) => existsSync(inRun(root, 'iter1', runId, file)),
        ),
      );
      await over.closePort();
      over.cutConnections();
      const told = (): string => readFileSync(inRun(root, 'iter1', runId, 'logs/driver.log'), 'utf8');
      await until('the driver notices', () => told().includes('does not answer'));
      launch.child.kill('SIGINT');
      const left = parseJson(await launch.ended);
      expect(left['code'], String(left['message'])).toBe('interrupted');
      expect((await autolabJson(root, ['tasks'], { env: over.near })).json['by_state']).toMatchObject({ running: 1 });
      writeFileSync(farRun(over, runId, 'go'), '');
      await over.openPort();
      await expectEachOnce(root, over);
      expect(beganThere(over, runId)).toEqual([0, 1, 2, 3, 4]);
      expect(journalOf(root, runId).filter(({ event }) => event === 'submit.tried')).toHaveLength(3);
    },
    LONG_MS,
  );

  it(
    'runs those alone that failed, and sends the claims of the others',
    async () => {
      const bad = (n: number): string => join(far.home, `bad-${n}`);
      const root = farTasksProject(far, { count: 5, body: `test ! -e '${far.home}'/bad-$1 || exit 3` });
      for (const n of [1, 3]) writeFileSync(bad(n), '');
      const launch = async (runId: string, ...words: readonly string[]): Promise<string> => {
        const { status, json, stderr } = await autolabJson(root, ['launch', '--run-id', runId, ...words], {
          env: far.near,
        });
        expect(json['run_id'], `${String(json['message'])}\n${stderr}`).toBe(runId);
        return `${String(status)} ${String(json['code'])}: ${String(json['message'])}`;
      };
      expect(await launch('r1')).toContain('10 tasks.failed: 3 of 5 tasks completed');

      rmSync(bad(1));
      const crash = { ...far.near, AUTOLAB_CRASH_AT: 'send.placed' };
      const killed = await autolab(root, ['launch', '--failed-only', '--run-id', 'r2'], { env: crash });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      expect(await launch('r2', '--failed-only')).toContain('10 tasks.failed: 4 of 5 tasks completed');
      expect(beganThere(far, 'r2')).toEqual([1, 3]);
      expect(JSON.parse(readFileSync(farRun(far, 'r2', 'receipts/claim.0.0'), 'utf8'))).toMatchObject({
        kind: 'reused',
        run_id: 'r1',
      });

      rmSync(bad(3));
      edit(root, 'experiments/iter1/design.yaml', (text) => `${text}  workers: 3\n  time: "00:00:30"\n`);
      expect(await launch('r3', '--failed-only')).toContain('0 run.completed');
      expect(beganThere(far, 'r3')).toEqual([3]);
      expect(manifestOf(root, 'r3')['tasks'].result).toMatchObject({ by_state: { completed: 5 }, reused: 4 });
      for (const runId of ['r2', 'r3']) expect((await autolab(root, ['verify', runId])).status).toBe(0);
    },
    LONG_MS,
  );
});
