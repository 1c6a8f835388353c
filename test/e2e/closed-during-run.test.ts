import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, makeProject, readJson, treeDigest, until } from '../support/project.ts';
import {
  begun,
  begunAndRecorded,
  eventsOf,
  expectClosed,
  isStopped,
  letEnd,
  lives,
  pidIn,
  SLOW_MS,
  stateOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const BACKLOG = '.autolab/backlog.yaml';

/** A detached run whose experiment somebody closed meanwhile. */
async function closedMeanwhile(): Promise<{ root: string; runId: string }> {
  const root = makeProject({ entrypoint: `echo at work\n${WAITING}` });
  expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
  const runId = await begunAndRecorded(root);
  edit(root, BACKLOG, (text) =>
    text.replace('    status: open\n    iteration_id', '    status: Done\n    iteration_id'),
  );
  return { root, runId };
}

test('an experiment closed during its run: launch and resume refuse, the run goes on, re-opening continues it', async () => {
  const { root, runId } = await closedMeanwhile();
  const pid = await pidIn(root, runId);
  const before = treeDigest(root);
  for (const words of [['launch'], ['resume'], ['launch', '--detach']]) {
    const refused = await autolabJson(root, words);
    expect(
      [refused.status, refused.json['outcome'], refused.json['code'], refused.json['run_id']],
      words.join(' '),
    ).toEqual([12, 'refused', 'backlog.closed', runId]);
    expect(refused.json['hint'], words.join(' ')).toContain('autolab backlog reopen e1');
  }
  expect(treeDigest(root), 'nothing was written').toBe(before);
  expect(lives(pid)).toBe(true);

  const status = await autolabJson(root, ['status']);
  expect([status.status, status.json['run_id'], status.json['entrypoint']]).toEqual([0, runId, 'running']);
  const logs = await autolab(root, ['logs', '--stream', 'out']);
  expect([logs.status, logs.stdout]).toEqual([0, 'at work\n']);

  letEnd(root, runId);
  await until('the run ends by itself', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
  expect((await autolab(root, ['resume'])).status).toBe(12);
  expect((await autolab(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'one more look'])).status).toBe(0);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code'], again.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 're-opened');
});

test('cancel works on a closed experiment, with nobody driving and with a driver', async () => {
  const { root, runId } = await closedMeanwhile();
  const pid = await pidIn(root, runId);
  const cancelled = await autolabJson(root, ['cancel']);
  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
  expect(cancelled.json['hint'], 'a launch would be refused').toContain('autolab backlog reopen e1');
  const reopen = 'autolab backlog reopen e1 --by WHO --note TEXT';
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ run_open: false, next_command: reopen });
  expect(lives(pid)).toBe(false);
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'cancelled');
  // The run is over, the experiment still closed: no new one.
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('backlog.closed');
});

test('a run that had completed by itself is not cancelled, and its closed experiment is not edited', async () => {
  const { root, runId } = await closedMeanwhile();
  letEnd(root, runId);
  await until('the run ends by itself', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
  const before = treeDigest(root);

  for (let call = 0; call < 2; call += 1) {
    const refused = await autolabJson(root, ['cancel']);
    expect([refused.status, refused.json['code'], refused.json['run_id']]).toEqual([12, 'backlog.closed', runId]);
    expect(refused.json['hint']).toMatch(/autolab backlog reopen e1 .*; then .*autolab resume/);
  }
  expect(treeDigest(root), 'nothing was written').toBe(before);
  expect(stateOf(root)).toMatchObject({ stage: 'launch', pending_run_id: runId });
  expect((await autolabJson(root, ['status'])).json['hint'], 'what would be refused').not.toContain('autolab cancel');
  const forced = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'n']);
  expect(forced.json['hint']).toMatch(/autolab backlog reopen e1 .*; then: autolab resume/);

  expect((await autolab(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'n'])).status).toBe(0);
  expect((await autolab(root, ['resume'])).status).toBe(0);
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 're-opened');
});

test('a run that completes before its driver hears of a cancel stays open, and nothing is called cancelled', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const stop = { env: { AUTOLAB_STOP_AT: 'journal.execute.step.outcome.after' } };
  const driver = startAutolab(root, ['launch', '--json'], stop);
  const runId = await begun(root);
  letEnd(root, runId);
  await until('the driver stands behind the end of the run', () => isStopped(driver.child.pid ?? 0));
  edit(root, BACKLOG, (text) =>
    text.replace('    status: open\n    iteration_id', '    status: done\n    iteration_id'),
  );
  const cancel = startAutolab(root, ['cancel', '--json']);
  await until('it is asked', () => existsSync(inRun(root, 'iter1', runId, 'cancel.json')));
  driver.child.kill('SIGCONT');

  const ends = await Promise.all([driver.ended, cancel.ended]);

  for (const { status, json } of ends.map((end) => ({ ...end, json: parseJson(end) }))) {
    expect([status, json['code'], json['run_id']]).toEqual([expect.any(Number), 'backlog.closed', runId]);
    expect([10, 12]).toContain(status);
  }
  expect(eventsOf(root, runId)).toContain('cancel.requested');
  expect(eventsOf(root, runId)).not.toContain('run.closed');
  expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ run_open: true, code: 'backlog.closed' });
});

test('whoever asks is told that the experiment is closed: status, doctor, and a review', async () => {
  const { root } = await closedMeanwhile();
  const status = await autolabJson(root, ['status']);
  expect(status.json).toMatchObject({ closed_experiment: true });
  expect(status.json['message']).toContain('Experiment e1 is "Done"');
  expect(status.json['hint']).toContain('autolab backlog reopen e1');
  expect((await autolab(root, ['cancel'])).status).toBe(0);

  const idle = await autolabJson(root, ['status']);
  expect(idle.json).toMatchObject({ closed_experiment: true, code: 'run.none_active' });
  expect(idle.json['hint']).toContain('autolab backlog reopen e1');
  expect((await autolab(root, ['doctor'])).stdout).toContain('backlog.closed');

  edit(root, '.autolab/state.json', (text) => text.replace('"stage": "launch"', '"stage": "human_review"'));
  const before = treeDigest(root);
  for (const decision of ['retry', 'pass']) {
    const refused = await autolabJson(root, ['review', decision, '--by', 'ada', '--note', 'n']);
    expect([refused.status, refused.json['code']], decision).toEqual([12, 'backlog.closed']);
  }
  expect(treeDigest(root)).toBe(before);
  expect((await autolab(root, ['review', 'stop', '--by', 'ada', '--note', 'n'])).status).toBe(0);
});

test('an iteration that a closed experiment has a share in is closed', async () => {
  const root = makeProject();
  edit(
    root,
    BACKLOG,
    (text) => `${text}  - {id: e0, hypothesis_id: h1, status: done, iteration_id: iter1, type: study}\n`,
  );
  const before = treeDigest(root);
  const refused = await autolabJson(root, ['launch']);
  expect([refused.status, refused.json['code']]).toEqual([12, 'backlog.closed']);
  expect(refused.json['message']).toContain('Experiment e0 is "done" in the backlog, and shares the iteration iter1');
  expect(treeDigest(root)).toBe(before);
});

test('a driver that is at work when the experiment is closed finishes its run', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch']);
  const runId = await begun(root);
  edit(root, BACKLOG, (text) =>
    text.replace('    status: open\n    iteration_id', '    status: closed\n    iteration_id'),
  );
  letEnd(root, runId);
  expect((await driver.ended).status).toBe(0);
  expectClosed(
    root,
    { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 },
    'closed under a driver',
  );
});
