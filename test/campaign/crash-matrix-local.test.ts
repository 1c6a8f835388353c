import { expect, test, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { family } from '../support/campaign.ts';
import { closedPlaces, killedAt, placesOf } from '../support/crashes.ts';
import { makeProject } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

const { count } = family('crash matrix, local');

test('killed at any place, a launch is carried on by the next one, and starts its entrypoint once', async () => {
  const places = await placesOf(makeProject({ git: true }), ['launch']);
  expect(places.length).toBeGreaterThan(80);
  const closed = closedPlaces(places);
  await eachOf(places, async (place) => {
    // Only the list of the code needs git; without it a launch has a third fewer processes.
    const root = makeProject({ git: place.includes('code.sha256') });
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch']);
    // Once the claim is gone the run is over, and a second launch has nothing to do.
    const expected = closed.includes(place) ? [12, 'state.wrong_stage'] : [0, 'run.completed'];
    expect([again.status, again.json['code']], place).toEqual(expected);
    expectClosed(root, COMPLETED, place);
    count('completed, one start');
  });
});
