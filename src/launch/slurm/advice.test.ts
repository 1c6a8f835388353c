import { describe, expect, it } from 'vitest';
import { viewAfter } from '../../../test/support/slurm-journal.ts';
import type { JobEnd } from '../../schedulers/slurm/accounting.ts';
import { adviceFor } from './advice.ts';

const OPENED = {
  iteration_id: 'it',
  resource_request: { qos: 'high', time: '01:00:00', time_seconds: 3600, memory: '200M', memory_mb: 200 },
};
const END = { reason: null, maxRssBytes: null } as unknown as JobEnd;

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
