import { expect, test, vi } from 'vitest';
import { autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { family, selected } from '../support/campaign.ts';
import { testClock } from '../support/clock.ts';
import { killedAt, placesOf } from '../support/crashes.ts';
import { makeProject, runIds } from '../support/project.ts';
import { begun, eachOf, expectClosed, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';

/** Clocks that are set while a run is under way, or between a driver and the next one. */

vi.setConfig({ testTimeout: 4 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const HOURS = [-24, -1, 1, 24];

const { count } = family('clock, local');

/** No part of the record says that something took a negative time. */
function expectSaneTimes(root: string, what: string): void {
  const manifest = manifestOf(root, runIds(root)[0] ?? '');
  const text = JSON.stringify(manifest);
  expect([...text.matchAll(/"\w*seconds\w*":-\d/g)].map(String), what).toEqual([]);
  expect(manifest['usage'].used.wall_seconds, what).toBeLessThan(3600);
}

test.each(HOURS)(
  'set by %i hours while the run goes on: its limit of time is as before, and it completes',
  async (hours) => {
    const clock = testClock();
    const root = makeProject({ entrypoint: WAITING });
    const driver = startAutolab(root, ['launch', '--json'], { env: clock.env });
    const runId = await begun(root);
    clock.set(hours);
    const status = await autolabJson(root, ['status'], { env: clock.env });
    expect(status.json['driver'], status.stderr).toMatchObject({ liveness: 'alive' });
    const other = await autolabJson(root, ['launch'], { env: clock.env });
    expect([other.status, other.json['code']]).toEqual([13, 'lease.held']);
    letEnd(root, runId);
    const ended = await driver.ended;
    expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, String(hours));
    expectSaneTimes(root, String(hours));
    count('completed');
  },
);

test('set between a driver that was killed and the next one', async () => {
  const places = await placesOf(makeProject(), ['launch']);
  const open = places.slice(0, places.indexOf('close.claim_cleared'));
  const cases = selected(open, 8).map((place, index) => ({ place, hours: HOURS[index % HOURS.length] ?? 0 }));
  await eachOf(cases, async ({ place, hours }) => {
    const what = `${place}, set by ${hours} h`;
    const root = makeProject();
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch'], { env: testClock(hours).env });
    expect([again.status, again.json['code']], `${what}: ${again.stderr}`).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, what);
    expectSaneTimes(root, what);
    count('completed');
  });
});
