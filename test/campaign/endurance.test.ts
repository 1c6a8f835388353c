import { readFileSync, statSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { family, size } from '../support/campaign.ts';
import { runIds, until, write } from '../support/project.ts';
import { begun, expectClosed, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';
import { callsOf, world } from '../support/slurm-faults.ts';
import { journalOf } from '../support/slurm-project.ts';

/** A job that runs for a week, with the real schedule of questions and a clock that goes faster (X6). */

vi.setConfig({ testTimeout: size(5, 2) * SLOW_MS });

const HOUR_MS = 3_600_000;
const HOURS = size(7 * 24, 6);
/** A question takes a tenth of a second here: minutes of that clock, which is less than the pause between two. */
const SPEED = 1500;

const { count } = family('a job of a week');

function highWaterMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

test(`${HOURS} hours: few questions, little memory, a small journal`, async () => {
  const one = world([], {
    entrypoint: WAITING,
    compute: { time: '"10-00:00:00"' },
    config: { max_time_seconds: 1_000_000 },
  });
  write(one.root, '.autolab/launch.yaml', 'host_mode: auto\n');
  const env = { ...one.fake.env, AUTOLAB_TEST_SPEED: String(SPEED) };
  const driver = startAutolab(one.root, ['launch', '--json'], { env });
  const runId = await begun(one.root);
  const reads = (): readonly number[] =>
    journalOf(one.root, runId)
      .filter(({ event }) => event === 'scheduler.read')
      .map(({ at }) => Date.parse(at));
  const passed = (): number => ((reads().at(-1) ?? 0) - (reads()[0] ?? 0)) / HOUR_MS;
  await until('the time has passed', () => passed() > HOURS, size(4, 1) * SLOW_MS);
  const memory = highWaterMiB(driver.child.pid ?? 0);
  letEnd(one.root, runId);
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
  expect(runIds(one.root)).toEqual([runId]);
  expectClosed(one.root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'a week');

  const all = reads();
  const inHour = all.map((at) => all.filter((other) => other <= at && other > at - HOUR_MS).length);
  expect(Math.max(...inHour), 'questions in any hour').toBeLessThanOrEqual(20);
  const asked = callsOf(one, 'squeue').length + callsOf(one, 'sacct').length;
  expect(asked).toBeGreaterThan(HOURS);
  // A week takes 78 MiB, and 104 if V8 lets the space of young objects grow. A first start, without kept code, takes 10 more.
  expect(memory).toBeLessThan(95);
  const { size: journalBytes } = statSync(inRun(one.root, 'iter1', runId, 'journal.jsonl'));
  expect(journalBytes).toBeLessThan(HOURS * 20 * 600);
  const perHour = (asked / HOURS).toFixed(1);
  count(
    `${HOURS} hours: ${perHour} questions an hour, at most ${Math.max(...inHour)}; ${memory.toFixed(0)} MiB; a journal of ${(journalBytes / 1000).toFixed(0)} KB`,
  );
});
