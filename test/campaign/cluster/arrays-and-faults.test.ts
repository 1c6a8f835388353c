import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { isCode } from '../../../src/errors/catalog.ts';
import { autolab, parseJson } from '../../support/autolab.ts';
import { family, randomFrom, SEED, size } from '../../support/campaign.ts';
import { expectOver, SIDE_BY_SIDE } from '../../support/cluster-crashes.ts';
import { runIds } from '../../support/project.ts';
import { eachOf, SLOW_MS } from '../../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../../support/slurm.ts';
import { slurm, untilSlurm } from '../../support/slurm-project.ts';
import {
  ARRAY_FAULTS,
  type ArrayFault,
  arraysOnSlurm,
  faultNamed,
  withFaults,
} from '../../support/tasks/slurm-arrays.ts';
import { beganIn } from '../../support/tasks/slurm-tasks.ts';

/** Arrays on a real Slurm whose commands lose answers, die, or are away: one fault or two, by the seed. */

let cluster: Cluster;

const { count } = family('lost answers and faults, Slurm arrays');
const site = { ...arraysOnSlurm(() => cluster.env), name: 'Slurm arrays' };

function plan(): readonly (readonly ArrayFault[])[] {
  const random = randomFrom(SEED);
  const one = (): ArrayFault => ARRAY_FAULTS[Math.floor(random() * ARRAY_FAULTS.length)] as ArrayFault;
  const alone = ARRAY_FAULTS.map((fault) => [fault]);
  const pairs = Array.from({ length: size(80, 1) }, () => [one(), one()]);
  const first = [[one()]];
  return [...(size(1, 0) === 1 ? alone : first), ...pairs];
}

/** Launches until the run is closed, on a cluster that is well again after the first call; the codes on the way. */
async function untilClosed(root: string, faults: readonly ArrayFault[], what: string): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let call = 1; call <= 4; call += 1) {
    const env = call === 1 ? withFaults(cluster.env, faults) : cluster.env;
    const end = await autolab(root, ['launch', '--json'], { env });
    const code = end.signal ?? String(parseJson(end)['code']);
    const known = end.signal !== null || (isCode(code) && code !== 'internal');
    expect(known, `${what}: ${end.stdout}${end.stderr}`).toBe(true);
    expect(end.stdout + end.stderr, what).not.toMatch(/^\s+at .*:\d+:\d+/m);
    codes.push(code);
    if (!existsSync(join(root, '.autolab/active_run.json'))) return codes;
  }
  throw new Error(`${what}: still open after ${codes.join(', ')}`);
}

async function expectNoneLeft(root: string, what: string): Promise<void> {
  const [runId = ''] = runIds(root);
  await untilSlurm(
    `${what}: no array is left`,
    () => !slurm(cluster.env, ['squeue', '--me', '-h', '-o', '%j']).includes(`autolab-${runId}-`),
  );
}

describeOnSlurm('arrays on a Slurm whose commands fail', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'are submitted once each, and each task begins once',
    async () => {
      await eachOf(
        plan(),
        async (faults) => {
          const what = `seed ${SEED}, ${faults.map(faultNamed).join(' and ')}`;
          const root = site.project();
          const codes = await untilClosed(root, faults, what);
          const told = `${what}: ${codes.join(', ')}`;
          const last = codes.at(-1) ?? '';
          const began = beganIn(root, runIds(root)[0] ?? '');
          expect(began, told).toEqual([...new Set(began)]);
          if (last === 'run.completed') await expectOver(site, root, told);
          await expectNoneLeft(root, told);
          count(codes.length === 1 ? last : `${last}, by a later call`);
        },
        SIDE_BY_SIDE,
      );
    },
    size(16, 2) * SLOW_MS,
  );
});
