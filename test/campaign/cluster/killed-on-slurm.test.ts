import { beforeAll, it } from 'vitest';
import { size } from '../../support/campaign.ts';
import { crashMatrix, randomKills, type ClusterSite } from '../../support/cluster-crashes.ts';
import { SLOW_MS } from '../../support/runs.ts';
import { slurmProject } from '../../support/slurm-project.ts';
import { describeOnSlurm, sharedCluster, type Cluster } from '../../support/slurm.ts';

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
