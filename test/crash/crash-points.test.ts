import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, type Ended } from '../support/autolab.ts';
import { after, crashLog } from '../support/crashes.ts';
import { makeProject, runIds, startsOf, until, write } from '../support/project.ts';
import {
  begun,
  eachOf,
  eventsOf,
  expectClosed,
  hasClaim,
  historyOf,
  manifestOf,
  processesOf,
  stateOf,
  WAITING,
  SLOW_MS,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const CLOSED = 'close.claim_cleared';
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

/** The places that `words` passes in a project, its supervisor's aside. */
async function placesOf(root: string, words: readonly string[]): Promise<readonly string[]> {
  const log = crashLog();
  await autolab(root, words, { env: log.env });
  return log.of('autolab.js');
}

/** Before a line and before a rename the disk is as after the act before: the main test goes there too, the others do not. */
function durable(places: readonly string[]): readonly string[] {
  return places.filter((place) => !/\.(before|temporary)$|^manifest\.written$/.test(place));
}

/** Kills the program at a place. That it died there and nowhere else is part of the test. */
async function killedAt(root: string, place: string, words: readonly string[]): Promise<void> {
  const ended: Ended = await autolab(root, words, { env: { AUTOLAB_CRASH_AT: place } });
  expect(`${place}: ${String(ended.signal)}`, ended.stderr + ended.stdout).toBe(`${place}: SIGKILL`);
}

test('killed at any place, a launch is carried on by the next one, and starts its entrypoint once', async () => {
  const places = await placesOf(makeProject({ git: true }), ['launch']);
  expect(places.length).toBeGreaterThan(80);
  const closed = [CLOSED, ...after(places, CLOSED)];
  await eachOf(places, async (place) => {
    const root = makeProject({ git: true });
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch']);
    // Once the claim is gone the run is over, and a second launch has nothing to do.
    const expected = closed.includes(place) ? [12, 'state.wrong_stage'] : [0, 'run.completed'];
    expect([again.status, again.json['code']], place).toEqual(expected);
    expectClosed(root, COMPLETED, place);
  });
});

test('killed at any place after a failure, a launch counts the failure once', async () => {
  const failing = { entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexit 3\n' };
  const places = after(await placesOf(makeProject(failing), ['launch']), 'journal.execute.run.started.after');
  expect(places).toContain('journal.salvage.step.outcome.torn');
  const closed = [CLOSED, ...after(places, CLOSED)];
  await eachOf(durable(places), async (place) => {
    const root = makeProject(failing);
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['resume']);
    const expected = closed.includes(place) ? [0, 'run.none_active'] : [10, 'local.failed'];
    expect([again.status, again.json['code']], place).toEqual(expected);
    expectClosed(root, { code: 'local.failed', stage: 'launch', attempt: 1, starts: 1 }, place);
  });
});

test('killed at any place, a cancel is carried on by the next one', async () => {
  const running = async (): Promise<string> => {
    const root = makeProject({ entrypoint: WAITING });
    expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
    await begun(root);
    return root;
  };
  const places = await placesOf(await running(), ['cancel']);
  expect(places).toContain('journal.execute.cancel.requested.torn');
  const closed = [CLOSED, ...after(places, CLOSED)];
  await eachOf(durable(places), async (place) => {
    const root = await running();
    await killedAt(root, place, ['cancel']);
    const again = await autolabJson(root, ['cancel']);
    const expected = closed.includes(place) ? [0, 'run.none_active'] : [0, 'run.cancelled'];
    expect([again.status, again.json['code']], place).toEqual(expected);
    expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, place);
  });
});

test('killed at any place while a missing artifact is counted, a launch counts it once and completes later', async () => {
  const incomplete = { entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n' };
  const places = after(
    await placesOf(makeProject(incomplete), ['launch']),
    'journal.verify_local_artifacts.step.intent.after',
  );
  expect(places).toContain('journal.close.attempt.failed.torn');
  await eachOf(durable(places), async (place) => {
    const root = makeProject(incomplete);
    await killedAt(root, place, ['launch']);
    const [runId = ''] = runIds(root);
    write(root, `experiments/iter1/runs/${runId}/metrics.json`, '{}\n');
    const again = await autolabJson(root, ['launch']);
    expect([again.status, again.json['code']], place).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, place);
    const counted = eventsOf(root, runId).filter((event) => event === 'attempt.failed').length;
    expect(historyOf(root), place).toEqual([...Array<string>(counted).fill('artifacts.missing'), 'run.completed']);
  });
});

test('a supervisor killed at any place leaves a run that ends, and nothing alive', async () => {
  const log = crashLog();
  await autolab(makeProject(), ['launch'], { env: log.env });
  const places = log.of('supervisor.js');
  expect(places).toEqual(
    expect.arrayContaining(['supervisor.before_claim', 'link.claim.linked', 'write.exit.json.temporary']),
  );
  await eachOf(places, async (place) => {
    const root = makeProject();
    const ended = await autolabJson(root, ['launch'], { env: { AUTOLAB_CRASH_AT: place } });
    const [runId = ''] = runIds(root);
    const started = startsOf(root, runId);
    if (place === 'write.exit.json.renamed') {
      expectClosed(root, COMPLETED, place);
      return;
    }
    const code = place === 'supervisor.before_claim' ? 'local.start_failed' : 'local.lost';
    expect([ended.status, ended.json['code']], place).toEqual([10, code]);
    expect(started, place).toBeLessThanOrEqual(1);
    expectClosed(root, { code, stage: 'launch', attempt: 1, starts: started }, place);
    expect((await autolab(root, ['launch'])).status, place).toBe(0);
  });
});

test('driver and supervisor killed at the same place end as lost, not as a second start', async () => {
  await eachOf(['supervisor.claimed', 'supervisor.started', 'supervisor.before_receipt'], async (place) => {
    const root = makeProject();
    // The driver dies as soon as it has seen the claim, and the supervisor where it was told to.
    const driver = await autolab(root, ['launch', '--detach'], { env: { AUTOLAB_CRASH_AT: place } });
    const [runId = ''] = runIds(root);
    if (driver.status === 0)
      await until('the supervisor dies', () => processesOf(runId).length === 0 || place === 'supervisor.started');
    const again = await autolabJson(root, ['launch']);
    const code = (driver.status === 0 ? again.json : manifestOf(root, runId))['code'] as string;
    expect(code, place).toBe('local.lost');
    expect(startsOf(root, runId), place).toBeLessThanOrEqual(1);
    expect(processesOf(runId), place).toEqual([]);
    expect(hasClaim(root), place).toBe(false);
    expect(stateOf(root)['history'], place).not.toEqual([]);
  });
});
