import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, keepUntilEnd, makeProject, readJson, write } from '../support/project.ts';

/** Tasks of a run that is open: what its receipts say, told by every command that knows tasks. */

const HOSTILE = '$(touch x); "y" ../\\n <b>';

/** A run of six tasks whose driver was killed before anything started. Returns the folder of the run. */
async function openRun(root: string): Promise<string> {
  edit(root, 'experiments/iter1/design.yaml', (text) => {
    const list = [{ seed: 0, lr: '0.10' }, { seed: 1, lr: HOSTILE }, ...[2, 3, 4, 5].map((seed) => ({ seed, lr: '' }))];
    const metrics = 'metrics:\n  primary: {name: accuracy, mode: maximize}\n';
    return `${text}tasks:\n  list: ${JSON.stringify(list)}\n${metrics}`;
  });
  const killed = await autolab(root, ['launch', '--run-id', 'r1'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
  expect(killed.signal, killed.stderr).toBe('SIGKILL');
  return join(root, 'experiments/iter1/runs/r1');
}

function receipt(run: string, name: string, value: object): void {
  mkdirSync(join(run, 'receipts'), { recursive: true });
  writeFileSync(join(run, 'receipts', name), `${JSON.stringify(value)}\n`);
}

const AT = '2026-11-29T10:00:00Z';
const CLAIM = { kind: 'supervisor', node: 'here', claimed_at: AT };
const EXIT = {
  ...{ attempt: 0, exit_code: 0, signal: null, ended_by: null, start_error: null },
  ...{ started_at: AT, ended_at: '2026-11-29T10:01:00Z', wall_seconds: 60, cpu_seconds: 50 },
  ...{ max_rss_bytes: 1048576, oom: false },
};

/** Completed, failed, running, waiting, withdrawn, begun once more after an end. */
function sixStates(run: string): void {
  for (const index of [0, 1, 2, 5]) receipt(run, `claim.${index}.0`, CLAIM);
  for (const index of [0, 1, 2]) receipt(run, `${index}.started`, {});
  receipt(run, '0.exit', EXIT);
  receipt(run, '1.exit', { ...EXIT, exit_code: 3, wall_seconds: 5 });
  receipt(run, 'cancel.4', { by: 'ada', at: AT });
  receipt(run, '5.exit', { ...EXIT, exit_code: 1 });
  receipt(run, 'claim.5.1', CLAIM);
  for (const index of [0, 1]) write(run, `tasks/${index}/stdout.log`, `out of ${index}\n`);
  write(run, 'tasks/0/metrics.json', '{"accuracy": 0.75, "loss": 2}');
  write(run, 'tasks/1/metrics.json', '{"accuracy": 0.5, "loss": NaN}');
}

describe('a run of six tasks that is open', () => {
  let root = '';
  let run = '';

  beforeAll(async () => {
    root = keepUntilEnd(makeProject());
    run = await openRun(root);
    sixStates(run);
  });

  const listed = async (...words: readonly string[]): Promise<readonly Record<string, any>[]> => {
    const { status, json, stdout } = await callWithoutTrace(root, ['tasks', ...words]);
    expect(status, stdout).toBe(0);
    return json['tasks'] as Record<string, any>[];
  };

  it('has each task with its parameters, state and metric', async () => {
    const rows = await listed();

    expect(rows.map(({ state }) => state)).toEqual([
      'completed',
      'failed',
      'running',
      'waiting',
      'cancelled',
      'running',
    ]);
    expect(rows[0]).toMatchObject({
      ...{ index: 0, params: { seed: '0', lr: '0.10' }, attempts: 1, owner: 'local', node: 'here', exit_code: 0 },
      ...{ wall_seconds: 60, max_rss_bytes: 1048576, metric: { name: 'accuracy', value: 0.75 }, reused_from: null },
    });
    expect(rows[1]).toMatchObject({ params: { seed: '1', lr: HOSTILE }, exit_code: 3, metric: { value: 0.5 } });
    expect(rows[3]).toMatchObject({ attempts: 0, owner: null, started_at: null, metric: null });
    expect(rows[5]).toMatchObject({ attempts: 2, exit_code: null });
  });

  it('lists the failed ones, and sorts by metric, parameter and column', async () => {
    const indices = async (...words: readonly string[]): Promise<string> =>
      (await listed(...words)).map(({ index }) => String(index)).join('');

    expect(await indices('--failed')).toBe('14');
    expect(await indices('--sort', 'accuracy')).toBe('012345');
    expect(await indices('--sort', '-accuracy')).toBe('102345');
    expect(await indices('--sort', '-seed')).toBe('543210');
    expect(await indices('--sort', 'running')).toBe('102345');
    const wrong = await callWithoutTrace(root, ['tasks', '--sort', 'acuracy']);
    expect([wrong.status, wrong.json['message']]).toEqual([2, expect.stringContaining('did you mean accuracy?')]);
  });

  it('is a table of harmless text, and comma-separated values', async () => {
    const { stdout, status } = await autolab(root, ['tasks']);
    const csv = await autolab(root, ['tasks', '--csv']);

    expect(status).toBe(0);
    expect(stdout).toMatch(/^task +seed +lr +state +accuracy +running +exit +memory +attempts +started\n/);
    expect(stdout).toContain('6 tasks: 1 completed, 1 failed, 2 running, 1 waiting, 1 cancelled.');
    expect(stdout).toContain('autolab logs r1 --task 1');
    expect(stdout).not.toContain('\u001b');
    expect(csv.stdout.split('\r\n')[0]).toBe(
      'task,seed,lr,state,accuracy,running_seconds,exit,memory_bytes,attempts,started',
    );
  });

  it('is counted by status and runs', async () => {
    const counts = { count: 6, waiting: 1, running: 2, completed: 1, failed: 1, cancelled: 1 };
    const status = await call(root, ['status']);
    const runs = await callWithoutTrace(root, ['runs']);
    const shown = await autolab(root, ['runs']);

    expect(status.json['tasks']).toEqual(counts);
    expect(status.json['message']).toContain('1 of 6 tasks completed, 2 running, 1 waiting, 1 failed, 1 cancelled');
    expect(runs.json['runs']).toMatchObject([{ tasks: '1/6' }]);
    expect(shown.stdout).toMatch(/tasks.*\n.*1\/6/);
  });

  it('has the logs of one task', async () => {
    const one = await autolab(root, ['logs', '--task', '1', '--stream', 'out']);
    const file = await callWithoutTrace(root, ['logs', '--task', '0']);
    // It ends with the task, not with the run.
    const followed = await autolab(root, ['logs', '-f', '--task', '1', '--stream', 'out']);

    expect(one.stdout).toBe('out of 1\n');
    expect(file.json['logs']).toEqual({ 'tasks/0/stdout.log': 'out of 0\n', 'tasks/0/stderr.log': '' });
    expect([followed.status, followed.stdout]).toEqual([0, 'out of 1\n']);
  });

  it.each([
    ['logs', ['logs', '--task', '6'], 'has no task 6: it has 6, from 0 to 5'],
    ['logs of the driver', ['logs', '--task', '1', '--stream', 'driver'], 'whole run'],
    ['cancel', ['cancel', '--task', '0', '--task', '17'], 'has no task 17'],
    ['cancel with words', ['cancel', '--task', '../1'], 'whole number'],
    ['cancel of all', ['cancel', '--force', '--by', 'x', '--note', 'y', '--task', '1'], 'leave --task out'],
  ])('refuses %s of a task that is not there', async (_what, words, message) => {
    const before = readdirSync(join(run, 'receipts'));
    const ended = await callWithoutTrace(root, words);

    expect([ended.status, ended.json['code']]).toEqual([2, 'usage']);
    expect(ended.json['message']).toContain(message);
    expect(readdirSync(join(run, 'receipts'))).toEqual(before);
  });

  it('takes requests to cancel tasks once, and says which have ended', async () => {
    const words = ['cancel', '--by', 'grace', '--task', '0', '--task', '2', '--task', '3'];
    const first = await call(root, words);
    const again = await call(root, ['cancel', '--task', '2']);
    const ended = await autolab(root, ['cancel', '--task', '1']);

    expect([first.status, first.json['outcome'], first.json['run_id']]).toEqual([0, 'ok', 'r1']);
    expect(first.json['tasks']).toEqual([
      { index: 0, answer: 'ended' },
      { index: 2, answer: 'asked' },
      { index: 3, answer: 'asked' },
    ]);
    expect(first.json['message']).toBe('Asked run r1 to cancel tasks 2, 3; the run continues. Ended already: task 0.');
    expect(readJson(run, 'receipts/cancel.2')).toEqual({ by: 'grace', at: expect.any(String) });
    expect([again.status, again.json['tasks']]).toEqual([0, [{ index: 2, answer: 'asked before' }]]);
    expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining('Ended already: task 1.')]);
    expect(readJson(run, 'receipts/cancel.2')['by']).toBe('grace');
    expect((await call(root, ['status'])).json['run_id']).toBe('r1');
  });

  it('says so if its list was changed', async () => {
    const list = readFileSync(join(run, 'tasks.jsonl'), 'utf8');
    writeFileSync(join(run, 'tasks.jsonl'), list.replace('0.10', '0.1'));
    const changed = await callWithoutTrace(root, ['tasks']);
    writeFileSync(join(run, 'tasks.jsonl'), list);

    expect([changed.status, changed.json['code']]).toEqual([10, 'tasks.unreadable']);
    expect(changed.json['hint']).toContain('autolab verify r1');
  });
});

it('says of a run with one task that it has no others', async () => {
  const root = makeProject();
  const none = await callWithoutTrace(root, ['cancel', '--task', '1']);
  await autolab(root, ['launch', '--run-id', 'r1'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
  const answers = await Promise.all(
    [['tasks'], ['logs', '--task', '0'], ['cancel', '--task', '0']].map((words) => callWithoutTrace(root, words)),
  );
  const status = await call(root, ['status']);

  expect([none.status, none.json['code']]).toEqual([0, 'run.none_active']);
  for (const { status: exit, json } of answers)
    expect([exit, json['code'], json['message']]).toEqual([2, 'usage', expect.stringContaining('has one task')]);
  expect(status.json['tasks']).toBeNull();
});
