import { describe, expect, it } from 'vitest';
import { viewAfter } from '../../../test/support/slurm-journal.ts';
import { adviceFor } from './advice.ts';

const OPENED = {
  iteration_id: 'it',
  resource_request: { qos: 'high', time: '01:00:00', time_seconds: 3600, memory: '200M', memory_mb: 200 },
};
const END = { reason: null, maxRssBytes: null, partition: null, timeLimitSeconds: null };

describe('adviceFor a job that could never start', () => {
  it('points at what the reason of the queue names', () => {
    const view = viewAfter([['wait', 'job.hopeless', { reason: 'InvalidQOS' }]], OPENED);
    expect(adviceFor(view, 'slurm.refused', END, null)).toMatchObject([
      { file: 'experiments/it/design.yaml', pointer: '/compute/qos', current: 'high' },
    ]);
  });
  it("points at what the job's own reason names", () => {
    const advice = adviceFor(viewAfter([], OPENED), 'slurm.refused', { ...END, reason: 'PartitionTimeLimit' }, null);
    expect(advice).toMatchObject([{ pointer: '/compute/time', current: '01:00:00' }]);
  });
  it('points at all of it where the reason does not say', () => {
    const view = viewAfter([['wait', 'job.hopeless', { reason: 'BadConstraints' }]], OPENED);
    expect(adviceFor(view, 'slurm.refused', END, null)).toMatchObject([{ pointer: '/compute', current: null }]);
  });
});

it('points at the form of memory that the design has', () => {
  const opened = { iteration_id: 'it', resource_request: { memory_per_cpu: '1G', memory_per_cpu_mb: 1024 } };
  const view = viewAfter([['wait', 'job.hopeless', { reason: 'MaxMemPerLimit' }]], opened);
  expect(adviceFor(view, 'slurm.refused', END, null)).toMatchObject([
    { pointer: '/compute/memory_per_cpu', current: '1G' },
  ]);
});

describe('adviceFor an out-of-memory kill', () => {
  const advice = (request: Record<string, unknown>, peak: number | null = null) => {
    const opened = { iteration_id: 'it', resource_request: { memory_mb: null, ...request } };
    return adviceFor(viewAfter([], opened), 'slurm.out_of_memory', { ...END, maxRssBytes: peak }, null);
  };

  it.each([
    [{ memory: '200M', memory_mb: 200 }, 'memory', '200M', '400M'],
    [{ memory_per_cpu: '1GB', memory_per_cpu_mb: 1024 }, 'memory_per_cpu', '1GB', '2G'],
    [{ memory_per_gpu: '8G', memory_per_gpu_mb: 8192 }, 'memory_per_gpu', '8G', '16G'],
  ])('names the key by which %j asked', (request, key, current, suggested) => {
    expect(advice(request)).toMatchObject([{ pointer: `/compute/${key}`, current, suggested }]);
  });

  it('names no amount where all the memory of the nodes was not enough', () => {
    expect(advice({ memory: '0', memory_mb: 0 })).toMatchObject([{ pointer: '/compute/memory', suggested: null }]);
  });

  it('goes by what was measured where the site said how much', () => {
    expect(advice({ memory: 'site' }, 300 * 2 ** 20)).toMatchObject([{ current: 'site', suggested: '600M' }]);
  });
});

describe('adviceFor a job that reached its time limit', () => {
  const ended = { ...END, partition: 'short', timeLimitSeconds: 3600 };
  const limit = (name: string, seconds: number): { name: string; words: string; seconds: number } => ({
    name,
    words: `${seconds / 3600} h`,
    seconds,
  });
  const advice = (...limits: readonly ReturnType<typeof limit>[]): ReturnType<typeof adviceFor> =>
    adviceFor(viewAfter([], OPENED), 'slurm.timeout', ended, null, { partitions: limits, qos: null });

  it('asks for more where the partition allows it, and where that is not known', () => {
    for (const found of [advice(limit('short', 7200)), advice()])
      expect(found).toMatchObject([{ pointer: '/compute/time', suggested: '02:00:00' }]);
  });
  it('stays within what the partition allows', () => {
    const [one, ...others] = advice(limit('short', 5400), limit('long', 86_400));
    expect(one).toMatchObject({ pointer: '/compute/time', suggested: '01:30:00' });
    expect(one?.why).toContain('the partition short allows at most 1.5 h (MaxTime)');
    expect(others).toEqual([]);
  });
  it('names another partition where that is used up', () => {
    const found = advice(limit('short', 3600), limit('long', 86_400));
    expect(found).toMatchObject([
      { pointer: '/compute/partition', current: 'short', suggested: 'long' },
      { pointer: '/compute/time', suggested: '02:00:00' },
    ]);
    expect(advice(limit('short', 3600), limit('tiny', 60))).toMatchObject([
      { pointer: '/compute/partition', suggested: null, why: expect.stringContaining('no partition') as string },
    ]);
  });
  it('stays within what the QOS allows, and names it where that is used up', () => {
    const within = (seconds: number) =>
      adviceFor(viewAfter([], OPENED), 'slurm.timeout', ended, null, {
        partitions: [limit('short', 86_400)],
        qos: limit('brief', seconds),
      });
    expect(within(5400)).toMatchObject([{ pointer: '/compute/time', suggested: '01:30:00' }]);
    const [first, second] = within(3600);
    expect(first).toMatchObject({ pointer: '/compute/qos', current: 'brief', suggested: null });
    expect(first?.why).toContain('the QOS brief allows at most 1 h (MaxWall), and the run used it up');
    expect(second?.why).toContain('in another QOS');
  });
});
