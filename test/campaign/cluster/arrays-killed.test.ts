import { beforeAll, it } from 'vitest';
import { size } from '../../support/campaign.ts';
import { type ClusterSite, crashMatrix, randomKills } from '../../support/cluster-crashes.ts';
import { SLOW_MS } from '../../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../../support/slurm.ts';
import { type ArraysOnSlurm, arraysOnSlurm } from '../../support/tasks/slurm-arrays.ts';

let cluster: Cluster;

const arrays: ArraysOnSlurm = arraysOnSlurm(() => cluster.env);
const site: ClusterSite = { ...arrays, name: 'Slurm arrays' };
const atPlaces = crashMatrix(site);
const atInstants = randomKills(site);

describeOnSlurm('killed drivers of runs with many tasks on Slurm', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it('at any place: the next launch carries on with the same arrays', atPlaces, size(10, 2) * SLOW_MS);
  it('at random instants, again and again: each task begins once', atInstants, size(10, 2) * SLOW_MS);
});
