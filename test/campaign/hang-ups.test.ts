import { expect, test, vi } from 'vitest';
import { autolabJson, startAutolab } from '../support/autolab.ts';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { makeProject } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';

const ROUNDS = size(200, 10);
/** A launch of this project takes about so long here; later instants are after its end, and are part of the test. */
const LONGEST_MS = 900;
const ENTRYPOINT =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\nsleep 0.2\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

vi.setConfig({ testTimeout: size(10, 1) * SLOW_MS });

const { count } = family('hang-ups, local');

test('hung up at random instants, a launch continues to its end, unless it had not begun to listen', async () => {
  const random = randomFrom(SEED);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => ({
    round,
    instants: Array.from({ length: 1 + (round % 3) }, () => Math.round(random() * LONGEST_MS)),
  }));
  await eachOf(rounds, async ({ round, instants }) => {
    const what = `seed ${SEED}, round ${round}, hung up after ${instants.join(', ')} ms`;
    const root = makeProject({ entrypoint: ENTRYPOINT });
    const running = startAutolab(root, ['launch']);
    const timers = instants.map((instant) => setTimeout(() => running.child.kill('SIGHUP'), instant));
    const ended = await running.ended;
    for (const timer of timers) clearTimeout(timer);
    // While Node starts, nobody listens: the signal ends it, and nothing has begun. So it is while Node ends: all is over.
    if (ended.signal === 'SIGHUP')
      expect(['run.completed', 'state.wrong_stage'], what).toContain(
        (await autolabJson(root, ['launch'])).json['code'],
      );
    else expect(ended.status, `${what}: ${ended.stderr}`).toBe(0);
    expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, what);
    count(ended.signal === null ? 'completed by the same call' : 'ended before it began, or when all was over');
  });
});
