import { expect, test, vi } from 'vitest';
import { autolabJson, startAutolab } from '../support/autolab.ts';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { makeProject } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';

const ROUNDS = size(200, 20);
/** Of the time that a launch takes: later instants are after its end, and are part of the test. */
const LATEST = 1.2;
const ENTRYPOINT =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\nsleep 0.2\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

vi.setConfig({ testTimeout: size(10, 1) * SLOW_MS });

const { count } = family('random kills, local');

async function msOfLaunch(): Promise<number> {
  const root = makeProject({ entrypoint: ENTRYPOINT });
  const began = performance.now();
  await autolabJson(root, ['launch']);
  return performance.now() - began;
}

test('killed at random instants, again and again, a launch ends once and completes', async () => {
  const random = randomFrom(SEED);
  // Two at a time, as below. The first one makes the code that is kept.
  await msOfLaunch();
  const latest = LATEST * Math.min(...(await Promise.all([msOfLaunch(), msOfLaunch()])));
  const rounds = Array.from({ length: ROUNDS }, (_, round) => ({
    round,
    instants: Array.from({ length: 1 + (round % 2) }, () => Math.round(random() * latest)),
  }));
  let killed = 0;
  await eachOf(rounds, async ({ round, instants }) => {
    const what = `seed ${SEED}, round ${round}, killed after ${instants.join(' and ')} ms`;
    const root = makeProject({ entrypoint: ENTRYPOINT });
    for (const instant of instants) {
      const running = startAutolab(root, ['launch']);
      const timer = setTimeout(() => running.child.kill('SIGKILL'), instant);
      const ended = await running.ended;
      clearTimeout(timer);
      if (ended.signal === 'SIGKILL') killed += 1;
    }
    const last = await autolabJson(root, ['launch']);
    // Where the last kill came too late, the run is over already.
    expect(['run.completed', 'state.wrong_stage'], what).toContain(last.json['code']);
    expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, what);
    count('completed, one start');
  });
  expect(killed, 'drivers that were killed in time').toBeGreaterThan(ROUNDS / 4);
});
