import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, type Ended, inRun, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, runIds, startsOf } from '../support/project.ts';
import { expectClosed, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** A run whose driver died when the order was written, and before any supervisor was started. */
async function ordered(): Promise<{ root: string; runId: string }> {
  const root = makeProject();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
  return { root, runId: runIds(root)[0] ?? '' };
}

function supervise(root: string, runId: string): Promise<Ended> {
  const supervisor = join(dirname(PROGRAM), '../dist/supervisor.js');
  return startProgram([process.execPath, supervisor, inRun(root, 'iter1', runId, 'receipt/order.json')], root).ended;
}

test('of several supervisors of one run one starts the entrypoint, and the others leave', async () => {
  const { root, runId } = await ordered();
  const all = await Promise.all(Array.from({ length: 6 }, () => supervise(root, runId)));
  expect(all.map(({ status }) => status).sort()).toEqual([0, 3, 3, 3, 3, 3]);
  expect(all.filter(({ stderr }) => stderr.includes('another supervisor owns this run'))).toHaveLength(5);
  expect(startsOf(root, runId)).toBe(1);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code']]).toEqual([0, 'run.completed']);
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'six supervisors');
});

test('a run that was cancelled before its start cannot be started by a supervisor that comes late', async () => {
  const { root, runId } = await ordered();
  const cancelled = await autolabJson(root, ['cancel']);
  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
  expect((await supervise(root, runId)).status).toBe(3);
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 0 }, 'late supervisor');
});
