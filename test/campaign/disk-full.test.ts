import { test, vi } from 'vitest';
import { autolabJson, type JsonEnded, type Running, startAutolab } from '../support/autolab.ts';
import { family, selected } from '../support/campaign.ts';
import { crashLog } from '../support/crashes.ts';
import { makeProject } from '../support/project.ts';
import { eachOf, SLOW_MS } from '../support/runs.ts';
import { carriedOn, describeOnSmallDisks, launchedDuring, onSmallDisk, PATIENT } from '../support/small-disk.ts';

/** The disk fills up at any moment: the next write fails, the driver's or the supervisor's (X1, X2). */

vi.setConfig({ testTimeout: 4 * SLOW_MS });

const PROJECT = { entrypoint: PATIENT };

const { count } = family('disk full');

/** Every place, the supervisor's among them. */
async function placesOfLaunch(): Promise<readonly string[]> {
  const log = crashLog();
  await autolabJson(makeProject(PROJECT), ['launch'], { env: { ...log.env, SIGN: '/dev/null' } });
  return [...log.of('autolab.js'), ...log.of('supervisor.js')];
}

describeOnSmallDisks('a small disk', () => {
  test.each(['bytes', 'files'] as const)('without room for another of its %s, at any place', async (what) => {
    const places = selected(await placesOfLaunch(), what === 'bytes' ? 8 : 4);
    await eachOf(places, async (place) => {
      await onSmallDisk(PROJECT, async (disk) => {
        const called = `${what}, ${place}`;
        const start = (env: Readonly<Record<string, string>>): Running =>
          startAutolab(disk.root, ['launch', '--json'], { env });
        const full = {
          begin: () => {
            disk.fill(what);
          },
          end: disk.makeRoom,
        };
        const first = await launchedDuring(disk.root, place, start, full);
        const again = async (): Promise<JsonEnded> =>
          autolabJson(disk.root, ['launch'], { env: { SIGN: '/dev/null' } });
        count(await carriedOn(disk.root, first, again, called));
      });
    });
  });
});
