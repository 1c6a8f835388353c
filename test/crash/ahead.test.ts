import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, type Running, startAutolab } from '../support/autolab.ts';
import { killedAt } from '../support/crashes.ts';
import { changeReview } from '../support/gate-reasons.ts';
import { edit, makeProject, read, runIds, startsOf, until, write } from '../support/project.ts';
import { eachOf, expectClosed, hasClaim, isStopped, kill, lives, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: 2 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

/** Supervisors that have an order of this project on their command line, waiting or at work. */
function supervisorsOf(root: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && lives(Number(name)))
    .filter((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return words.some((word) => word.startsWith(`${root}/`) && word.endsWith('/receipt/order.json'));
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function noneLeft(root: string, what: string): Promise<void> {
  await until(`the supervisor of a launch ends (${what})`, () => supervisorsOf(root).length === 0);
}

/** A launch that stands still at a place, with the supervisor that waits for it. */
async function stoppedAt(root: string, place: string): Promise<{ driver: Running; waiting: number }> {
  const driver = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: place } });
  await until(`the launch stops at ${place}`, () => isStopped(driver.child.pid ?? 0));
  // While it becomes Node, it has no command line.
  await until('a supervisor waits', () => supervisorsOf(root).length > 0);
  const [waiting = 0, ...others] = supervisorsOf(root);
  expect([waiting > 0, others], place).toEqual([true, []]);
  return { driver, waiting };
}

test('the supervisor starts while the launch is prepared, and begins nothing', async () => {
  const root = makeProject();
  const { driver } = await stoppedAt(root, 'claim.result_retracted');
  expect(runIds(root)).toEqual([]);
  expect(hasClaim(root)).toBe(false);
  kill(driver.child.pid ?? 0, 'SIGCONT');
  expect((await driver.ended).status).toBe(0);
  expectClosed(root, COMPLETED, 'continued');
  await noneLeft(root, 'continued');
});

test('killed before the order, at any stage: no supervisor is left, and nothing has begun', async () => {
  const places = ['launch.ahead', 'claim.result_retracted', 'claim.made', 'claim.result_written'];
  await eachOf([...places, 'manifest.written', 'execute.ordered', 'execute.ready'], async (place) => {
    const root = makeProject();
    if (place === 'manifest.written') {
      // In the middle of a step, by a signal from outside.
      const { driver } = await stoppedAt(root, 'write.run_local.sh.renamed');
      kill(driver.child.pid ?? 0);
      await driver.ended;
    } else await killedAt(root, place, ['launch']);
    await noneLeft(root, place);
    expect(startsOf(root, runIds(root)[0] ?? ''), place).toBe(0);
    const again = await autolabJson(root, ['launch']);
    expect([again.status, again.json['code']], place).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, place);
    await noneLeft(root, place);
  });
});

test('killed when the order was given: the run continues, and starts once', async () => {
  const root = makeProject();
  await killedAt(root, 'execute.begun', ['launch']);
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'begun');
});

test('a refused launch leaves no supervisor', async () => {
  const root = makeProject();
  changeReview({ status: 'needs_retry' })(root);
  const refused = await autolabJson(root, ['launch']);
  expect([refused.status, refused.json['code']]).toEqual([10, 'review.not_passed']);
  expect(runIds(root)).toEqual([]);
  await noneLeft(root, 'refused');
});

test('an interrupted launch leaves no supervisor', async () => {
  const root = makeProject();
  const { driver } = await stoppedAt(root, 'launch.ahead');
  kill(driver.child.pid ?? 0, 'SIGINT');
  kill(driver.child.pid ?? 0, 'SIGCONT');
  expect((await driver.ended).status).toBe(130);
  expect(runIds(root)).toEqual([]);
  await noneLeft(root, 'interrupted');
});

test('a supervisor that died while it waited is replaced', async () => {
  const root = makeProject();
  const { driver, waiting } = await stoppedAt(root, 'execute.ordered');
  kill(waiting);
  kill(driver.child.pid ?? 0, 'SIGCONT');
  expect((await driver.ended).status).toBe(0);
  expectClosed(root, COMPLETED, 'replaced');
});

test('what it has to say when it began is in its log', async () => {
  const root = makeProject();
  const { driver } = await stoppedAt(root, 'execute.ready');
  const [runId = ''] = runIds(root);
  expect(read(root, `experiments/iter1/runs/${runId}/logs/supervisor.log`)).toBe('');
  write(root, `experiments/iter1/runs/${runId}/receipt/claim`, 'taken');
  kill(driver.child.pid ?? 0, 'SIGCONT');
  // Whether the driver still sees it decides how the run ends.
  expect([10, 14]).toContain((await driver.ended).status);
  await noneLeft(root, 'claimed by another');
  expect(read(root, `experiments/iter1/runs/${runId}/logs/supervisor.log`)).toContain(
    'another supervisor owns this run; nothing was started here',
  );
  expect(startsOf(root, runId)).toBe(0);
});

test('if memory is to be enforced, none waits: the gate looks whether the driver is alone in its cgroup', async () => {
  const root = makeProject();
  edit(root, '.autolab/launch.yaml', (text) => `${text}local: {enforce_memory: true}\n`);
  const driver = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: 'launch.ahead' } });
  await until('the launch stops', () => isStopped(driver.child.pid ?? 0));
  expect(supervisorsOf(root)).toEqual([]);
  kill(driver.child.pid ?? 0, 'SIGCONT');
  await driver.ended;
});

test('a dry run starts no supervisor', async () => {
  const root = makeProject();
  const dry = await autolab(root, ['launch', '--dry-run'], { env: { AUTOLAB_CRASH_AT: 'launch.ahead' } });
  expect(dry.status).toBe(0);
});
