import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { makeProject, runIds, startsOf, until } from '../support/project.ts';
import {
  begun,
  eventsOf,
  expectClosed,
  hasClaim,
  isStopped,
  letEnd,
  manifestOf,
  processesOf,
  SLOW_MS,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

test('of twenty launches at the same instant one runs, and nineteen name who holds it', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const all = Array.from({ length: 20 }, () => startAutolab(root, ['launch', '--json']));
  let ended = 0;
  for (const { ended: end } of all) {
    void end.then(() => {
      ended += 1;
    });
  }
  // The one that runs goes on until all others have given their answer.
  await until('nineteen give up', () => ended >= 19);
  const runId = await begun(root);
  expect(ended).toBe(19);
  letEnd(root, runId);
  const results = await Promise.all(all.map(async ({ child, ended: end }) => ({ pid: child.pid, ...(await end) })));

  const winners = results.filter(({ status }) => status === 0);
  expect(winners).toHaveLength(1);
  const holder = String(winners[0]?.pid);
  for (const loser of results.filter(({ status }) => status !== 0)) {
    const result = parseJson(loser);
    expect([loser.status, result['outcome'], result['code']]).toEqual([13, 'conflict', 'lease.held']);
    expect(`${String(result['message'])} ${String(result['hint'])}`).toMatch(
      new RegExp(`autolab launch.*process ${holder} on .*autolab (status|cancel)`),
    );
  }
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'one of twenty');
});

test('a launch that read the state while another one claimed it says who is at work', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const late = startAutolab(root, ['launch', '--json'], { env: { AUTOLAB_STOP_AT: 'launch.looked' } });
  await until('the late launch has looked for an active run', () => isStopped(late.child.pid ?? 0));
  const first = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  // Its folder is there, and its id stands in state.json.
  process.kill(late.child.pid ?? 0, 'SIGCONT');
  const ended = await late.ended;
  expect([ended.status, parseJson(ended)['code']]).toEqual([13, 'lease.held']);
  letEnd(root, runId);
  expect((await first.ended).status).toBe(0);
});

test('twenty launches of a run that is over at once start it once', async () => {
  const root = makeProject();
  const results = await Promise.all(Array.from({ length: 20 }, () => autolabJson(root, ['launch'])));
  const codes = results.map(({ status, json }) => `${String(status)} ${String(json['code'])}`);
  // Late ones find it running, its claim, or its end.
  const allowed = ['0 run.completed', '13 lease.held', '12 state.wrong_stage'];
  expect(codes.filter((code) => !allowed.includes(code))).toEqual([]);
  expect(codes).toContain('0 run.completed');
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'twenty at once');
});

test('a second launch while one runs says 13, names its process, and prints what resolves it', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const first = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  const second = await autolabJson(root, ['launch', '--detach']);
  expect([second.status, second.json['code'], second.json['run_id']]).toEqual([13, 'lease.held', runId]);
  expect(second.json['message']).toContain(`process ${String(first.child.pid)} on`);
  const named = await autolabJson(root, ['launch', '--run-id', 'mine', '--detach']);
  expect([named.status, named.json['code']]).toEqual([13, 'run.other_active']);
  expect(named.json['message']).toContain(runId);
  expect(named.json['hint']).toMatch(/autolab resume.*autolab cancel/);
  letEnd(root, runId);
  expect((await first.ended).status).toBe(0);
  expect(runIds(root)).toEqual([runId]);
});

test('a cancel that waits tells the end of its run, and not of the one that begins then', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const first = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  const cancelling = startAutolab(root, ['cancel', '--json']);
  await until('it has asked', () => existsSync(inRun(root, 'iter1', runId, 'cancel.json')));
  cancelling.child.kill('SIGSTOP');
  expect(parseJson(await first.ended)['code']).toBe('run.cancelled');
  expect((await autolabJson(root, ['launch', '--detach'])).json['code']).toBe('run.submitted');
  const next = await begun(root);
  cancelling.child.kill('SIGCONT');
  const told = parseJson(await cancelling.ended);
  expect([told['code'], told['run_id']]).toEqual(['run.cancelled', runId]);
  letEnd(root, next);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
});

test('launch against cancel: whoever wins, both tell the same and nothing is left', async () => {
  const rounds = [0, 60, 120, 200, 300, 450];
  await Promise.all(
    [0, 1].map(async (half) => {
      for (const delay of rounds.filter((_, index) => index % 2 === half)) {
        const what = `cancel ${delay} ms after launch`;
        const root = makeProject({ entrypoint: WAITING });
        const launching = startAutolab(root, ['launch', '--json']);
        await new Promise((resolve) => setTimeout(resolve, delay));
        const first = await autolabJson(root, ['cancel']);
        if (first.json['code'] === 'run.none_active') {
          // It came before the claim; the run goes on, and the next cancel meets it.
          await begun(root);
          await autolab(root, ['cancel']);
        } else expect([first.status, first.json['code']], what).toEqual([0, 'run.cancelled']);
        const launched = await launching.ended;
        expect([launched.status, parseJson(launched)['code']], what).toEqual([10, 'run.cancelled']);
        const [runId = ''] = runIds(root);
        if (runId !== '' && eventsOf(root, runId).length > 0)
          expect(manifestOf(root, runId)['code'], what).toBe('run.cancelled');
        expect(startsOf(root, runId), what).toBeLessThanOrEqual(1);
        expect([processesOf(runId), hasClaim(root)], what).toEqual([[], false]);
      }
    }),
  );
});
