import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { edit, makeProject, treeDigest, until } from '../support/project.ts';
import { begun, expectClosed, letEnd, lives, pidIn, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const BACKLOG = '.autolab/backlog.yaml';

/** A detached run whose experiment somebody closed meanwhile. */
async function closedMeanwhile(): Promise<{ root: string; runId: string }> {
  const root = makeProject({ entrypoint: `echo at work\n${WAITING}` });
  expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
  const runId = await begun(root);
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
  expect(lives(pid)).toBe(false);
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'cancelled');
  // The run is over, the experiment still closed: no new one.
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('backlog.closed');
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
