import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { makeProject, readJson, runIds, until, write } from '../support/project.ts';
import {
  begun,
  hasClaim,
  historyOf,
  letEnd,
  lives,
  pidIn,
  processesOf,
  SLOW_MS,
  stateOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const GIVE_UP = ['cancel', '--force', '--by', 'ada', '--note', 'the disk is broken'];
const WAY_OUT = 'autolab cancel --force --by WHO --note WHY';

/** An open run with a line in its journal that is none. */
async function damaged(): Promise<{ readonly root: string; readonly runId: string; readonly journal: string }> {
  const root = makeProject({ entrypoint: WAITING });
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const journal = inRun(root, 'iter1', runId, 'journal.jsonl');
  appendFileSync(journal, 'junk\n');
  return { root, runId, journal };
}

async function end(root: string, runId: string): Promise<void> {
  letEnd(root, runId);
  await until('nothing of the run lives', () => processesOf(runId).length === 0);
  await until('the receipt is written', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
}

test('a run whose journal is damaged is given up by a person, and its journal stays as it is', async () => {
  const { root, runId, journal } = await damaged();
  const pid = await pidIn(root, runId);
  const evidence = readFileSync(journal, 'utf8');
  for (const words of [['launch'], ['resume'], ['cancel'], ['status']]) {
    const refused = await autolabJson(root, words);
    expect([refused.status, refused.json['code']], words.join(' ')).toEqual([12, 'journal.corrupt']);
    expect(refused.json['hint'], words.join(' ')).toContain(WAY_OUT);
  }

  const given = await autolabJson(root, GIVE_UP);

  expect([given.status, given.json['code'], given.json['status']]).toEqual([10, 'run.abandoned', 'failed']);
  expect([lives(pid), processesOf(runId, root)], 'what was alive').toEqual([false, []]);
  expect(readFileSync(journal, 'utf8')).toBe(evidence);
  expect(readJson(root, `experiments/iter1/runs/${runId}/abandoned.json`)).toMatchObject({
    by: 'ada',
    note: 'the disk is broken',
    run_id: runId,
    problem: expect.stringContaining('journal.jsonl:') as string,
    claim: { run_id: runId },
    queue: expect.stringMatching(new RegExp(`ended first: .*\\(${pid}\\)`)) as string,
  });
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'failed', code: 'run.abandoned' });
  expect(stateOf(root)).toMatchObject({
    stage: 'launch',
    stage_attempt: 0,
    last_run_id: runId,
    pending_run_id: '',
    sync_status: 'failed',
  });
  expect([hasClaim(root), historyOf(root)]).toEqual([false, ['run.abandoned']]);
  expect((await autolabJson(root, ['status'])).json['code']).toBe('run.none_active');
  const [row] = (await autolabJson(root, ['runs'])).json['runs'] as Record<string, unknown>[];
  expect(row).toMatchObject({ run_id: runId, status: 'failed', code: 'run.abandoned' });
  // The next launch is a new run.
  const next = startAutolab(root, ['launch', '--json']);
  await until('a second run begins', () => runIds(root).length === 2);
  letEnd(root, runIds(root).find((id) => id !== runId) ?? '');
  expect((await next.ended).status).toBe(0);
});

test('killed at any place, giving up is done again, once', async () => {
  for (const place of ['write.abandoned.json.renamed', 'write.state.json.renamed', 'write.agent_result.json.renamed']) {
    const { root, runId } = await damaged();
    await end(root, runId);
    const killed = await autolab(root, GIVE_UP, { env: { AUTOLAB_CRASH_AT: place } });
    expect(killed.signal, place).toBe('SIGKILL');
    expect((await autolabJson(root, ['launch'])).json['code'], place).toBe('journal.corrupt');

    const given = await autolabJson(root, GIVE_UP);

    expect([given.status, given.json['code'], hasClaim(root)], place).toEqual([10, 'run.abandoned', false]);
    expect(historyOf(root), place).toEqual(['run.abandoned']);
  }
});

test('a damaged run without a claim is given up as well, and is not found again', async () => {
  const { root, runId } = await damaged();
  await end(root, runId);
  rmSync(join(root, '.autolab/active_run.json'));
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('journal.corrupt');

  expect((await autolabJson(root, GIVE_UP)).json['code']).toBe('run.abandoned');

  expect((await autolabJson(root, ['status'])).json['code']).toBe('run.none_active');
});

test('a workflow that has moved on to another iteration is left alone', async () => {
  const { root, runId } = await damaged();
  await end(root, runId);
  write(root, '.autolab/state.json', JSON.stringify({ ...stateOf(root), iteration_id: 'iter2' }));
  const before = stateOf(root);

  const given = await autolabJson(root, GIVE_UP);

  expect([given.status, given.json['code'], hasClaim(root)]).toEqual([13, 'state.changed', false]);
  expect(stateOf(root)).toEqual(before);
});

test('an entrypoint that removes its run folder: the driver says so, and a person gives the run up', async () => {
  const root = makeProject({
    entrypoint:
      'echo started >> "$AUTOLAB_REPO_ROOT/starts"\nuntil grep -q run.started "$AUTOLAB_RUN_DIR/journal.jsonl"; do sleep 0.1; done\nrm -rf "$AUTOLAB_RUN_DIR"\nsleep 1\n',
  });
  const ended = await autolabJson(root, ['launch', '--run-id', 'r1']);
  expect([ended.status, ended.json['code'], ended.json['run_id']]).toEqual([12, 'journal.corrupt', 'r1']);
  expect(ended.json['message']).toContain(
    'experiments/iter1/runs/r1/journal.jsonl:1: the journal of the active run is gone',
  );
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code']]).toEqual([12, 'journal.corrupt']);
  expect(again.json['hint']).toContain(WAY_OUT);

  const given = await autolabJson(root, GIVE_UP);

  expect([given.status, given.json['code'], hasClaim(root)]).toEqual([10, 'run.abandoned', false]);
  expect(stateOf(root)).toMatchObject({ last_run_id: 'r1', pending_run_id: '' });
  expect(readFileSync(join(root, 'starts'), 'utf8')).toBe('started\n');
  const next = await autolabJson(root, ['launch', '--run-id', 'r1']);
  expect([next.status, next.json['code']], 'its id is used up').toEqual([12, 'run.exists']);
});

test('a run that was claimed and not begun takes its pending id with it when it is cancelled', async () => {
  const root = makeProject({ state: { pending_run_id: 'wanted' } });
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'journal.claim.run.opened.torn' } });

  const cancelled = await autolabJson(root, ['cancel']);

  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
  expect(stateOf(root)['pending_run_id']).toBe('');
  expect((await autolab(root, ['launch'])).status).toBe(0);
});
