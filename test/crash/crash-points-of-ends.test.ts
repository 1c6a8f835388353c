import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { after, closedPlaces, durable, killedAt, placesOf } from '../support/crashes.ts';
import { makeProject, runIds, write } from '../support/project.ts';
import { begun, eachOf, eventsOf, expectClosed, historyOf, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

test('killed at any place after a failure, a launch counts the failure once', async () => {
  const failing = { entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexit 3\n' };
  const places = after(await placesOf(makeProject(failing), ['launch']), 'journal.execute.run.started.after');
  expect(places).toContain('journal.salvage.step.outcome.torn');
  const closed = closedPlaces(places);
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
  const closed = closedPlaces(places);
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
