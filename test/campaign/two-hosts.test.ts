import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, parseJson, type RunOptions, startAutolab } from '../support/autolab.ts';
import { family, selected } from '../support/campaign.ts';
import { testClock } from '../support/clock.ts';
import { killedAt, placesOf } from '../support/crashes.ts';
import { makeProject, runIds, startsOf } from '../support/project.ts';
import { begun, eachOf, expectClosed, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';

/** Two hosts and one folder: nobody takes a run from a driver that it cannot prove dead (R18, X1). */

vi.setConfig({ testTimeout: 4 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

const { count } = family('two hosts');

/** Another machine, to autolab: by its name, its boot, and its own id. */
const OTHER = { AUTOLAB_TEST_HOST: 'beta', AUTOLAB_TEST_BOOT_ID: 'b', AUTOLAB_TEST_MACHINE_ID: 'b' };
/** A machine that has the same name. */
const NAMESAKE = { AUTOLAB_TEST_BOOT_ID: 'b', AUTOLAB_TEST_MACHINE_ID: 'b' };
/** This one, after a reboot. */
const REBOOTED = { AUTOLAB_TEST_BOOT_ID: 'b' };

test.each([
  ['another host', OTHER, 0],
  ['a machine of the same name', NAMESAKE, 0],
  ['another host whose clock is an hour behind', OTHER, -1],
  ['another host whose clock is an hour ahead', OTHER, 1],
])('a driver that lives keeps its run, whatever %s tries', async (what, identity, hours) => {
  const env = { ...identity, ...testClock(hours).env };
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  const there = async (words: readonly string[], options: RunOptions = {}): Promise<unknown> => {
    const { status, json } = await autolabJson(root, words, { env, ...options });
    return [status, json['code']];
  };
  expect(await there(['launch'])).toEqual([13, 'lease.other_host']);
  expect(await there(['resume'])).toEqual([13, 'lease.other_host']);
  expect(await there(['unlock', '--run', runId])).toEqual([13, 'lease.fresh']);
  expect((await autolab(root, ['status'], { env })).status).toBe(0);
  letEnd(root, runId);
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
  expectClosed(root, COMPLETED, what);
  count('kept by its driver');
});

test('a run whose driver died is not taken on by another host, and is on the same one after a reboot', async () => {
  const places = await placesOf(makeProject(), ['launch']);
  const open = places.slice(places.indexOf('lease.taken'), places.indexOf('close.claim_cleared'));
  await eachOf(selected(open, 6), async (place) => {
    const root = makeProject();
    await killedAt(root, place, ['launch']);
    for (const env of [OTHER, NAMESAKE]) {
      const refused = await autolabJson(root, ['launch'], { env });
      expect([refused.status, refused.json['code']], `${place}: ${refused.stdout}`).toEqual([13, 'lease.other_host']);
    }
    // A run that had begun is lost with the boot; whatever is started, the entrypoint never is started twice for one run.
    const rebooted = await autolabJson(root, ['launch'], { env: REBOOTED });
    expect(['run.completed', 'local.lost'], `${place}: ${rebooted.stdout}`).toContain(rebooted.json['code']);
    for (const runId of runIds(root)) expect(startsOf(root, runId), place).toBeLessThanOrEqual(1);
    count(
      rebooted.json['code'] === 'local.lost' ? 'lost with the boot, reported' : 'left alone; completed after a reboot',
    );
  });
});

test('a cancel from another host reaches the driver, which ends the run', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  await begun(root);
  const cancelled = await autolabJson(root, ['cancel'], { env: OTHER });
  expect(cancelled.json['code'], cancelled.stdout).toBe('run.cancelled');
  expect(parseJson(await driver.ended)['code']).toBe('run.cancelled');
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'cancelled from afar');
  count('cancelled by its driver');
});
