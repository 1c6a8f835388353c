import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, makeProject, until } from '../support/project.ts';
import {
  begun,
  eventsOf,
  expectClosed,
  letEnd,
  lives,
  manifestOf,
  pidIn,
  SLOW_MS,
  stateOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

async function detached(): Promise<{ root: string; runId: string }> {
  const root = makeProject({ entrypoint: WAITING });
  const ended = await autolabJson(root, ['launch', '--detach']);
  expect([ended.status, ended.json['outcome'], ended.json['code'], ended.json['status']]).toEqual([
    0,
    'submitted',
    'run.submitted',
    'running',
  ]);
  expect(ended.json['hint']).toContain('autolab');
  return { root, runId: await begun(root) };
}

test('--detach returns while the run goes on; nobody drives it; another --detach finishes it when it has ended', async () => {
  const { root, runId } = await detached();
  const status = await autolabJson(root, ['status']);
  expect([status.json['driver'], status.json['step'], status.json['entrypoint']]).toEqual([
    'nobody',
    'execute',
    'running',
  ]);
  expect(lives(await pidIn(root, runId))).toBe(true);
  const still = await autolabJson(root, ['launch', '--detach']);
  expect([still.status, still.json['code'], still.json['run_id']]).toEqual([0, 'run.submitted', runId]);
  expect((await autolab(root, ['manifest', '--check'])).status).toBe(0);
  expect(stateOf(root)['pending_run_id']).toBe(runId);

  letEnd(root, runId);
  await until('the receipt is written', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
  expect((await autolabJson(root, ['status'])).json['entrypoint']).toBe('ended');
  const done = await autolabJson(root, ['launch', '--detach']);
  expect([done.status, done.json['code'], done.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expectClosed(root, COMPLETED, 'detached');
});

test('resume waits for a detached run and completes it, also with file system events off', async () => {
  await Promise.all(
    [{}, { AUTOLAB_NO_WATCH: '1' }].map(async (env) => {
      const { root, runId } = await detached();
      const resumed = startAutolab(root, ['resume', '--json'], { env });
      await until(
        'resume drives',
        () => existsSync(inRun(root, 'iter1', runId, 'logs/driver.log')) && manifestHasResumed(root, runId),
      );
      letEnd(root, runId);
      const ended = await resumed.ended;
      expect([ended.status, parseJson(ended)['code']]).toEqual([0, 'run.completed']);
      expectClosed(root, COMPLETED, JSON.stringify(env));
    }),
  );
});

function manifestHasResumed(root: string, runId: string): boolean {
  return existsSync(inRun(root, 'iter1', runId, 'journal.jsonl')) && eventsOf(root, runId).includes('run.resumed');
}

test('--wait-timeout gives up waiting, not the run: 14, and the next call goes on', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const waited = await autolabJson(root, ['launch', '--wait-timeout', '1']);
  const runId = await begun(root);
  expect([waited.status, waited.json['outcome'], waited.json['code']]).toEqual([14, 'undetermined', 'run.still_going']);
  expect(lives(await pidIn(root, runId))).toBe(true);
  const again = await autolabJson(root, ['resume', '--wait-timeout', '0']);
  expect([again.status, again.json['code']]).toEqual([14, 'run.still_going']);
  letEnd(root, runId);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'wait-timeout');
});

test('resume without a run says so and exits 0; launch is needed for a new one', async () => {
  const root = makeProject();
  const ended = await autolabJson(root, ['resume']);
  expect([ended.status, ended.json['outcome'], ended.json['code']]).toEqual([0, 'ok', 'run.none_active']);
  const cancelled = await autolabJson(root, ['cancel']);
  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.none_active']);
});

test('cancel of a detached run ends it; of one that ended first, it tells how it ended', async () => {
  const [alive, over] = await Promise.all([detached(), detached()]);
  const pid = await pidIn(alive.root, alive.runId);
  const cancelled = await autolabJson(alive.root, ['cancel', '--by', 'ada']);
  expect([cancelled.status, cancelled.json['outcome'], cancelled.json['code']]).toEqual([
    0,
    'cancelled',
    'run.cancelled',
  ]);
  expect(lives(pid)).toBe(false);
  expectClosed(alive.root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'cancelled');
  letEnd(over.root, over.runId);
  await until('the receipt is written', () => existsSync(inRun(over.root, 'iter1', over.runId, 'receipt/exit.json')));
  const late = await autolabJson(over.root, ['cancel']);
  expect([late.status, late.json['outcome'], late.json['code']]).toEqual([0, 'completed', 'run.completed']);
  expectClosed(over.root, COMPLETED, 'cancelled too late');
});

test('the script that runs is a copy: an edit of launch/run_local.sh during the run changes nothing', async () => {
  const { root, runId } = await detached();
  edit(root, 'experiments/iter1/launch/run_local.sh', (text) => `${text}\necho edited > "$AUTOLAB_RUN_DIR/edited"\n`);
  letEnd(root, runId);
  await autolab(root, ['resume']);
  expect(existsSync(inRun(root, 'iter1', runId, 'edited'))).toBe(false);
  expect(manifestOf(root, runId)['status']).toBe('completed');
});
