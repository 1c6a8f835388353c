import { beforeAll, expect, it } from 'vitest';
import { autolabJson } from '../../support/autolab.ts';
import { family, SEED, selected, size } from '../../support/campaign.ts';
import { durable, placesOf } from '../../support/crashes.ts';
import { loseUnsafe } from '../../support/power-loss/lose.ts';
import { recorded } from '../../support/power-loss/record.ts';
import { runIds } from '../../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../../support/slurm.ts';
import { expectOnce, slurmProject } from '../../support/slurm-project.ts';

/**
 * The host of the driver loses its power at any place of a launch on a real Slurm. What the driver and its commands do to
 * files is recorded; the cluster, the job and what the job writes live on, as on hosts of their own.
 */

const { count } = family('power failures of the driver, Slurm');

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
/** Launches wait for a cluster most of the time. */
const SIDE_BY_SIDE = 4;

let cluster: Cluster;

async function atEachPlace(): Promise<void> {
  const places = durable(await placesOf(slurmProject(), ['launch'], cluster.env));
  expect(places.length).toBeGreaterThan(60);
  const cases = places.flatMap((place, at) => [
    { place, seed: null },
    { place, seed: SEED + at },
  ]);
  await eachOf(
    selected(cases, 4),
    async ({ place, seed }) => {
      const what = `AUTOLAB_TEST_SEED=${SEED}, killed at ${place}, ${seed === null ? 'nothing' : `mix ${seed}`} kept`;
      const root = slurmProject();
      const env = { ...cluster.env, AUTOLAB_TEST_BOOT_ID: 'first', AUTOLAB_CRASH_AT: place };
      const record = await recorded(root, ['launch'], { env });
      loseUnsafe(record, seed);
      const again = await autolabJson(root, ['launch'], { env: { ...cluster.env, AUTOLAB_TEST_BOOT_ID: 'second' } });
      // What the closed run removed last may be there again, or the run is over.
      const ends = ['0 run.completed', '12 state.wrong_stage'];
      expect(ends, `${what}: ${again.stdout}${again.stderr}`).toContain(
        `${String(again.status)} ${String(again.json['code'])}`,
      );
      expectClosed(root, COMPLETED, what);
      await expectOnce(cluster.env, root, runIds(root)[0] ?? '');
      const verified = await autolabJson(root, ['verify', runIds(root)[0] ?? ''], { env: cluster.env });
      expect(verified.status, `${what}: ${verified.stdout}`).toBe(0);
      count('completed, one started job');
    },
    SIDE_BY_SIDE,
  );
}

describeOnSlurm('a host that loses its power while it drives a run on Slurm', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it('the next launch carries on with the same job', atEachPlace, size(20, 2) * SLOW_MS);
});
