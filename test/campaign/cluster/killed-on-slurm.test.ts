import { beforeAll, it } from 'vitest';
import { size } from '../../support/campaign.ts';
import { type ClusterSite, crashMatrix, randomKills } from '../../support/cluster-crashes.ts';
import { SLOW_MS } from '../../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../../support/slurm.ts';
import { slurmProject } from '../../support/slurm-project.ts';

let cluster: Cluster;

const site: ClusterSite = {
  name: 'Slurm',
  project: () => slurmProject(),
  env: () => cluster.env,
  slurm: () => cluster.env,
};
const atPlaces = crashMatrix(site);
const atInstants = randomKills(site);

describeOnSlurm('killed drivers of runs on Slurm', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it('at any place: the next launch carries on with the same job', atPlaces, size(10, 1) * SLOW_MS);
  it('at random instants, again and again: one job, which completes', atInstants, size(10, 1) * SLOW_MS);
});
