import { beforeAll, it } from 'vitest';
import { size } from '../../support/campaign.ts';
import { type ClusterSite, crashMatrix, randomKills } from '../../support/cluster-crashes.ts';
import { describeOverSsh, Far } from '../../support/far.ts';
import { farProject } from '../../support/far-project.ts';
import { SLOW_MS } from '../../support/runs.ts';
import { type Cluster, sharedCluster } from '../../support/slurm.ts';

let cluster: Cluster;
let far: Far;

const site: ClusterSite = {
  name: 'Slurm over ssh',
  project: () => farProject(far),
  env: () => far.near,
  slurm: () => cluster.env,
};
const atPlaces = crashMatrix(site);
const atInstants = randomKills(site);

describeOverSsh('killed drivers of runs on Slurm over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it('at any place: the next launch carries on with the same job', atPlaces, size(15, 1) * SLOW_MS);
  it('at random instants, again and again: one job, which completes', atInstants, size(15, 1) * SLOW_MS);
});
