import type { Code } from '../../errors/catalog.ts';
import type { Recommendation } from '../../errors/failure.ts';
import type { RunView } from '../../records/run-view.ts';
import type { JobEnd } from '../../schedulers/slurm/accounting.ts';
import { moreMemory, moreTime } from '../recommend.ts';

/** What would probably help after a job that ended badly: with numbers. Pure. */
export function adviceFor(view: RunView, code: Code, end: JobEnd, logTail: string | null): readonly Recommendation[] {
  const { iteration_id: iterationId, resource_request: asked } = view.opened;
  if ((code === 'slurm.timeout' || code === 'slurm.deadline') && asked.time_seconds !== null)
    return [moreTime(iterationId, asked.time, asked.time_seconds, logTail)];
  if (code === 'slurm.refused') {
    const why = 'no node of the cluster has what is asked for: see `sinfo -o "%P %c %m %G %f"`';
    return [
      { file: `experiments/${iterationId}/design.yaml`, pointer: '/compute', current: null, suggested: null, why },
    ];
  }
  if (code === 'slurm.out_of_memory') return [moreMemory(iterationId, asked.memory, asked.memory_mb, end.maxRssBytes)];
  return [];
}
