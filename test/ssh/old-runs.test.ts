import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { clusterNames, copyFarTree, openProject } from '../support/old-records.ts';
import { runIds, startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';

/** A run over ssh that an older version left open, after its job had completed and the return had failed. */

let cluster: Cluster;
let far: Far;

describeOverSsh('a return that an older version could not finish', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'is finished, and the job is not run again',
    async () => {
      const base = join(far.home, 'old runs');
      const names = [['/home/user/runs', base] as const, ...clusterNames(cluster.cluster)];
      const root = openProject('open-ssh-return-failed', names);
      const [runId = ''] = runIds(root);
      const tree = join(base, '.autolab/worktrees', runId);
      mkdirSync(tree, { recursive: true });
      copyFarTree('open-ssh-return-failed', tree, names);
      const resumed = await autolabJson(root, ['resume'], { env: far.near });
      expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
      expect(startsOf(root, runId)).toBe(1);
      const manifest = manifestOf(root, runId);
      expect(manifest).toMatchObject({ status: 'completed', local: null, sync: { to_local: { verified: true } } });
      expect(manifest['steps']).toContainEqual(expect.objectContaining({ name: 'submit', attempts: 1 }));
      expect(manifest['journal']).not.toHaveProperty('format');
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      const verified = await autolab(root, ['verify', runId]);
      expect(verified.status, verified.stdout).toBe(0);
    },
    SLOW_MS,
  );
});
