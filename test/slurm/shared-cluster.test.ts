import { beforeAll, expect, it } from 'vitest';
import {
  becomes,
  type Cluster,
  describeOnSlurm,
  ENDED,
  endOfTime,
  onCluster,
  recorded,
  running,
  sharedCluster,
  submit,
} from '../support/slurm.ts';

describeOnSlurm('the shared cluster', { concurrent: true }, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it('records a job that ended well', async () => {
    const id = await submit(cluster, [], 'true');
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('COMPLETED 0:0');
  });

  it('kills a job for its memory, where the machine can limit it', async ({ skip }) => {
    skip(cluster.memoryLimits === 'none', 'Slurm can use no memory cgroup of this machine');
    const id = await submit(cluster, ['--mem=50M'], 'head -c 300M /dev/zero | tail -n 1');
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('OUT_OF_MEMORY 0:125');
  });

  it('ends a job at its time limit', async () => {
    const id = await running(cluster, ['--time=5']);
    await endOfTime(cluster, id);
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('TIMEOUT 0:0');
  });

  it.each([
    ['a partition that does not exist', ['-p', 'nowhere'], 'Invalid partition name specified'],
    ['more time than the partition gives', ['-p', 'short', '--time=10'], 'Requested time limit is invalid'],
    ['more GPUs than a node has', ['--gres=gpu:5'], 'Requested node configuration is not available'],
    ['an account that does not exist', ['-A', 'nobody'], 'Invalid account'],
    ['more time than the QOS gives', ['--qos=strict', '--time=11'], 'Job violates accounting/QOS policy'],
  ])('refuses %s', async (_what, options, words) => {
    const ended = await onCluster(cluster, ['sbatch', ...options, '--wrap=true']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(words);
  });
});
