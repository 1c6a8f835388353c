import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { commitAll, edit, makeProject, read, readJson, runIds, startsOf, write } from '../support/project.ts';
import { begun, expectClosed, hasClaim, historyOf, letEnd, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const CLAIM = '.autolab/active_run.json';
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

test('a claim that git clean removed is no way around an open run', async () => {
  const root = makeProject({ git: true, entrypoint: WAITING });
  expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
  const runId = await begun(root);
  execFileSync('git', ['clean', '-fdxq', CLAIM], { cwd: root });
  expect(hasClaim(root)).toBe(false);
  const other = await autolabJson(root, ['launch', '--run-id', 'another', '--detach']);
  expect([other.status, other.json['code'], other.json['run_id']]).toEqual([13, 'run.other_active', runId]);
  expect((await autolabJson(root, ['status'])).json['run_id']).toBe(runId);
  letEnd(root, runId);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code'], again.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expectClosed(root, COMPLETED, 'claim removed');
});

test('without a claim, two open runs are told of and none is touched', async () => {
  const root = makeProject();
  for (const runId of ['r1', 'r2']) {
    await autolab(root, ['launch', '--run-id', runId], {
      env: { AUTOLAB_CRASH_AT: 'journal.record-code.step.intent.after' },
    });
    rmSync(join(root, CLAIM));
    edit(root, '.autolab/state.json', (text) => text.replace(`"${runId}"`, '""'));
    // Out of sight of the second launch, as after a clone on another disk.
    if (runId === 'r1') execFileSync('mv', ['experiments/iter1/runs/r1', 'r1'], { cwd: root });
  }
  execFileSync('mv', ['r1', 'experiments/iter1/runs/r1'], { cwd: root });
  for (const words of [['launch'], ['resume'], ['cancel']]) {
    const ended = await autolabJson(root, words);
    expect([ended.status, ended.json['code']], words.join(' ')).toEqual([13, 'run.other_active']);
  }
  expect([startsOf(root, 'r1'), startsOf(root, 'r2')]).toEqual([0, 0]);
});

test('a claim that a finished run left behind is cleared by its journal, however young it is', async () => {
  const root = makeProject();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'close.agent_result_written' } });
  const claim = read(root, CLAIM);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code']]).toEqual([0, 'run.completed']);
  expectClosed(root, COMPLETED, 'claim left');

  // Brought back by hand when the workflow has long gone on: it is cleared, and the workflow stays where it is.
  write(root, CLAIM, claim);
  edit(root, '.autolab/state.json', (text) =>
    text.replace('"extract_results",\n  "stage_attempt"', '"update_docs",\n  "stage_attempt"'),
  );
  expect(stateOf(root)['stage']).toBe('update_docs');
  const late = await autolabJson(root, ['resume']);
  expect([late.status, late.json['code'], hasClaim(root)]).toEqual([0, 'run.completed', false]);
  expect([stateOf(root)['stage'], historyOf(root)]).toEqual(['update_docs', ['run.completed']]);
});

test('a claim whose driver died before the first line is taken up by the next launch, or cleared by cancel', async () => {
  for (const place of ['claim.made', 'journal.claim.run.opened.before', 'journal.claim.run.opened.torn']) {
    const root = makeProject();
    await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: place } });
    expect(hasClaim(root), place).toBe(true);
    const cancelled = await autolabJson(root, ['cancel']);
    expect([cancelled.status, cancelled.json['code'], hasClaim(root)], place).toEqual([0, 'run.cancelled', false]);
    const none = await autolabJson(root, ['status']);
    expect(none.json['code'], `${place}: nothing is active any more`).toBe('run.none_active');
    const launched = await autolabJson(root, ['launch']);
    expect([launched.status, launched.json['code']], place).toEqual([0, 'run.completed']);
  }
});

test('a claim without a journal is taken up under the same run id', async () => {
  const root = makeProject();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.made' } });
  const runId = readJson(root, CLAIM)['run_id'] as string;
  const status = await autolabJson(root, ['status']);
  expect([status.status, status.json['run_id']]).toEqual([0, runId]);
  const other = await autolabJson(root, ['launch', '--run-id', 'another']);
  expect([other.status, other.json['code']]).toEqual([13, 'run.other_active']);
  const again = await autolabJson(root, ['resume']);
  expect([again.status, again.json['code'], again.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expectClosed(root, COMPLETED, 'claim without journal');
});

test('a claim without a journal of an iteration that the workflow has left is no run of the new one', async () => {
  const root = makeProject();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.made' } });
  const runId = readJson(root, CLAIM)['run_id'] as string;
  edit(root, '.autolab/state.json', (text) => text.replace('iter1', 'iter2'));
  edit(root, '.autolab/backlog.yaml', (text) => text.replace('iteration_id: iter1', 'iteration_id: iter2'));
  for (const name of ['design.yaml', 'review_result.json', 'main.sh']) {
    write(root, `experiments/iter2/${name}`, read(root, `experiments/iter1/${name}`).replaceAll('iter1', 'iter2'));
  }
  const ended = await autolabJson(root, ['launch']);
  expect([ended.status, ended.json['code']]).toEqual([13, 'run.other_active']);
  expect(ended.json['message']).toContain(`${runId} of iter1`);
  expect(existsSync(join(root, 'experiments/iter2/runs'))).toBe(false);
  expect((await autolabJson(root, ['cancel'])).json['code']).toBe('run.cancelled');
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
});

test('a claim without a journal gives way to a gate that says no by now', async () => {
  const root = makeProject();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.made' } });
  edit(root, 'experiments/iter1/review_result.json', (text) =>
    text.replace('"status": "pass"', '"status": "needs_retry"'),
  );
  const ended = await autolabJson(root, ['launch']);
  expect([ended.status, ended.json['code'], hasClaim(root)]).toEqual([10, 'review.not_passed', false]);
  expect([stateOf(root)['stage'], runIds(root)]).toEqual(['implementation', []]);
});

test('a damaged claim does not hide an open run, and without one it is named instead of waited for', async () => {
  const root = makeProject({ entrypoint: WAITING, git: true });
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  write(root, CLAIM, '{"run_id": "r');
  letEnd(root, runId);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code'], again.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expect(hasClaim(root)).toBe(false);

  const fresh = makeProject();
  commitAll(fresh);
  write(fresh, CLAIM, '{"run_id": "r');
  const blocked = await autolabJson(fresh, ['launch']);
  expect([blocked.status, blocked.json['code']]).toEqual([13, 'run.other_active']);
  expect(`${String(blocked.json['message'])} ${String(blocked.json['hint'])}`).toContain(CLAIM);
  expect(runIds(fresh)).toEqual([]);
});
