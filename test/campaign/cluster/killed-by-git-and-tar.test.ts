import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../../support/autolab.ts';
import { size } from '../../support/campaign.ts';
import { type ClusterSite, crashMatrix } from '../../support/cluster-crashes.ts';
import { describeOverSsh, Far } from '../../support/far.ts';
import { farProject } from '../../support/far-project.ts';
import { commitAll, runIds, write } from '../../support/project.ts';
import { SLOW_MS } from '../../support/runs.ts';
import { type Cluster, sharedCluster } from '../../support/slurm.ts';
import { journalOf } from '../../support/slurm-project.ts';

/** The ways over ssh that a launch of the other families does not go: a commit that is sent, no rsync over there, large files. */

let cluster: Cluster;
let far: Far;

/** More than goes into one archive, and nothing that a pack makes smaller. */
const LARGE = 33 * 1024 * 1024;

function project(): string {
  const root = farProject(far, {
    mode: 'git',
    artifacts: ['metrics.json', '{path: "ckpt/**", from: "{{scratch}}/ckpt"}'],
    entrypoint: `cd "$AUTOLAB_RUN_DIR"; echo started >> marker; echo "{}" > metrics.json; echo a line
mkdir "$AUTOLAB_SCRATCH/ckpt"; echo w > "$AUTOLAB_SCRATCH/ckpt/weights"
head -c ${LARGE} /dev/zero > large.bin
`,
  });
  write(root, 'model.bin', randomBytes(LARGE));
  commitAll(root);
  return root;
}

/** Nothing is left of what lay about on the way, and the tree goes, although cleaning is killed, too. */
async function expectClean(root: string, what: string): Promise<void> {
  const [runId = ''] = runIds(root);
  expect(existsSync(join(root, '.autolab/tmp')), `${what}: .autolab/tmp`).toBe(false);
  const opened = journalOf(root, runId).find(({ event }) => event === 'run.opened');
  const tree = opened?.data['remote']['root'] as string;
  expect(existsSync(tree), what).toBe(true);
  expect(existsSync(join(tree, '../../incoming', runId)), `${what}: packs left there`).toBe(false);
  const killed = await autolab(root, ['remote', 'clean'], { env: { ...far.near, AUTOLAB_CRASH_AT: 'clean.removed' } });
  expect(killed.signal, `${what}: ${killed.stdout}${killed.stderr}`).toBe('SIGKILL');
  expect(existsSync(tree), `${what}: the tree there`).toBe(false);
  const again = await autolabJson(root, ['remote', 'clean'], { env: far.near });
  expect(again.status, `${what}: ${again.stdout}${again.stderr}`).toBe(0);
}

const site: ClusterSite = {
  name: 'over ssh by git and tar',
  project,
  env: () => far.near,
  slurm: () => cluster.env,
  places:
    /^(send|tar|pieces?|gather|fetch|mirror)\.|^journal\.(sync_to_remote|collect_to_remote|sync_artifacts_to_local)\./,
  after: expectClean,
};
const atPlaces = crashMatrix(site);

describeOverSsh('killed drivers of runs that go by git and tar', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
    far.program('rsync', '#!/bin/sh\nexit 127\n');
  });

  it('at any place of a transfer: the next launch brings everything', atPlaces, size(10, 1) * SLOW_MS);
});
