import { beforeAll, expect, it } from 'vitest';
import { autolabJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { gate } from '../support/far-gate.ts';
import { farProject } from '../support/far-project.ts';
import { runIds } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { expectOnce } from '../support/slurm-project.ts';

/** How often ssh is started for a launch, each a round trip on the one connection, and that a broken first one claims nothing. */

let cluster: Cluster;

/** What a start of ssh is for, by something that only it has; the waiting depends on how long the job takes. */
const KINDS: readonly (readonly [kind: string, mark: string])[] = [
  ['connection', '-f -N'],
  ['facts and probes', 'free_kib'],
  ['end', "'sacct'"],
  ['submission', "'sbatch'"],
  ['before the submission', "'config'"],
  ['release', "'release'"],
  ['files placed and compared', '--strict'],
  ['tree', 'ls -1t'],
  ['list', 'end of the list'],
  ['waiting', 'small=$2 known=$3'],
  ['queue', "'squeue' '-j'"],
  ['transfer', 'rsync --server'],
];

function kindOf(call: string): string {
  return KINDS.find(([, mark]) => call.includes(mark))?.[0] ?? 'alone';
}

describeOverSsh('round trips', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'a launch of a short job: what belongs together is asked together',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const calls = far.countCalls();
      const root = farProject(far);
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json['code'], launched.stderr).toBe('run.completed');
      const kinds = calls().map(kindOf);
      const count = (kind: string): number => kinds.filter((one) => one === kind).length;
      expect(Object.fromEntries(KINDS.map(([kind]) => [kind, count(kind)])), kinds.join(', ')).toMatchObject({
        connection: 1,
        'facts and probes': 1,
        tree: 1,
        'files placed and compared': 1,
        'before the submission': 1,
        submission: 1,
        release: 1,
        transfer: 2,
        list: 2,
      });
      // Nothing else, but for rows that lag: they are asked for again, and then what was asked beside them, too.
      expect(count('end')).toBeGreaterThan(0);
      const alone = calls().filter((call) => kindOf(call) === 'alone');
      expect(count('end') === 1 ? alone : []).toEqual([]);
      await expectOnce(cluster.env, root, runIds(root)[0] ?? '');
    },
    SLOW_MS,
  );

  it(
    'a connection that is cut after the facts and before the last probe claims nothing, and the next launch runs',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const held = gate(far, 'squeue', '-V');
      const root = farProject(far);
      const launch = startAutolab(root, ['launch', '--json'], { env: far.near });
      await held.reached();
      expect(far.cutConnections()).toBeGreaterThan(0);
      held.open();
      const ended = await launch.ended;
      expect([ended.status, runIds(root), hasClaim(root)], ended.stderr).toEqual([10, [], false]);
      const later = await autolabJson(root, ['launch'], { env: far.near });
      expect(later.json['code'], later.stderr).toBe('run.completed');
      expect(manifestOf(root, String(later.json['run_id']))['sync']['to_local']).toMatchObject({ verified: true });
    },
    SLOW_MS,
  );
});
