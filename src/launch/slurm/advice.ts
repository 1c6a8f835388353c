import type { Code } from '../../errors/catalog.ts';
import type { Recommendation } from '../../errors/failure.ts';
import type { OpenedData } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import { adviceOnReason, type Advice } from '../../schedulers/slurm/refusals.ts';
import type { JobEnd } from '../../schedulers/slurm/accounting.ts';
import { moreTime } from '../recommend.ts';
import { memoryAdvice } from './memory-advice.ts';

/** What would probably help after a job that ended badly: with numbers. Pure. */
export function adviceFor(view: RunView, code: Code, end: JobEnd, logTail: string | null): readonly Recommendation[] {
  const { iteration_id: iterationId, resource_request: asked } = view.opened;
  if ((code === 'slurm.timeout' || code === 'slurm.deadline') && asked.time_seconds !== null)
    return [moreTime(iterationId, asked.time ?? null, asked.time_seconds, logTail)];
  if (code === 'slurm.refused') {
    const advice = adviceOnReason(view.hopeless ?? end.reason ?? '');
    if (advice !== null) return refusalAdvice(view.opened, advice);
    const why = 'no node of the cluster has what is asked for: see `sinfo -o "%P %c %m %G %f"`';
    return [
      { file: `experiments/${iterationId}/design.yaml`, pointer: '/compute', current: null, suggested: null, why },
    ];
  }
  if (code === 'slurm.out_of_memory') return [memoryAdvice(iterationId, asked, end.maxRssBytes)];
  return [];
}

const MEMORY_FORMS = ['memory', 'memory_per_cpu', 'memory_per_gpu'];

/** What the site's own words point at in the design. Pure. */
export function refusalAdvice(opened: OpenedData, advice: Advice | null): readonly Recommendation[] {
  if (advice === null) return [];
  const request: Readonly<Record<string, unknown>> = opened.resource_request;
  const named = advice.pointer.split('/').at(-1) ?? '';
  // The site speaks of memory, whichever of its forms was asked for.
  const key = (named === 'memory' && MEMORY_FORMS.find((form) => request[form] !== undefined)) || named;
  const value = request[key] ?? null;
  return [
    {
      file: `experiments/${opened.iteration_id}/design.yaml`,
      pointer: key === named ? advice.pointer : `/compute/${key}`,
      current: value === null ? null : typeof value === 'string' ? value : JSON.stringify(value),
      suggested: null,
      why: advice.message,
    },
  ];
}

/** What to do where only the site's own words say what is wrong; otherwise the catalogue's hint is right. Pure. */
export function refusalHint(advice: Advice | null): { readonly hint?: string } {
  if (advice !== null) return {};
  return {
    hint: 'Do what these words ask for: change design.yaml and have it reviewed again, or settle it with the site; then launch again.',
  };
}
