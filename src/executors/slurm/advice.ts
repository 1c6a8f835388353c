import type { Code } from '../../errors/catalog.ts';
import type { Recommendation } from '../../errors/failure.ts';
import type { OpenedData } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import { formatDuration, moreTime } from '../../run/recommend.ts';
import type { JobEnd } from '../../schedulers/slurm/accounting.ts';
import { type Advice, adviceOnReason } from '../../schedulers/slurm/refusals.ts';
import type { TimeLimit } from '../../schedulers/slurm/site-limits.ts';
import { readSeconds } from '../../schedulers/slurm/values.ts';
import { memoryAdvice } from './memory-advice.ts';

/** The facts of a job's end that the advice depends on. */
type AdvisedEnd = Pick<JobEnd, 'reason' | 'maxRssBytes' | 'partition' | 'timeLimitSeconds'>;

/** What would probably help after a job that ended badly: with numbers. Pure. */
export function adviceFor(
  view: RunView,
  code: Code,
  end: AdvisedEnd,
  logTail: string | null,
  partitions: readonly TimeLimit[] = [],
): readonly Recommendation[] {
  const { iteration_id: iterationId, resource_request: asked } = view.opened;
  if ((code === 'slurm.timeout' || code === 'slurm.deadline') && asked.time_seconds !== null)
    return withinPartition(moreTime(iterationId, asked.time ?? null, asked.time_seconds, logTail), end, partitions);
  if (code === 'slurm.refused') {
    const advice = adviceOnReason(view.hopeless ?? end.reason ?? '');
    if (advice !== null) return refusalAdvice(view.opened, advice);
    const why = 'no node of the cluster has everything that is requested: see `sinfo -o "%P %c %m %G %f"`';
    return [
      { file: `experiments/${iterationId}/design.yaml`, pointer: '/compute', current: null, suggested: null, why },
    ];
  }
  if (code === 'slurm.out_of_memory') return [memoryAdvice(iterationId, asked, end.maxRssBytes)];
  return [];
}

const MEMORY_FORMS = ['memory', 'memory_per_cpu', 'memory_per_gpu'];

/** More time than the partition allows helps only in another one. */
function withinPartition(
  more: Recommendation,
  { partition, timeLimitSeconds }: AdvisedEnd,
  partitions: readonly TimeLimit[],
): readonly Recommendation[] {
  const ours = partitions.find(({ name }) => name === partition);
  const wanted = readSeconds(more.suggested ?? '');
  if (ours === undefined || wanted === null || wanted <= ours.seconds) return [more];
  const allows = `the partition ${ours.name} allows at most ${ours.words} (MaxTime)`;
  if ((timeLimitSeconds ?? 0) < ours.seconds)
    return [
      { ...more, suggested: formatDuration(ours.seconds), why: `${more.why}; ${allows}, which may not be enough` },
    ];
  const longer = partitions.filter(({ seconds }) => seconds >= wanted);
  const names = longer.map(({ name, words }) => `${name} (${words})`).join(', ');
  const where =
    longer.length === 0 ? 'no partition that is up allows as much' : `these allow more, if you may use them: ${names}`;
  const other: Recommendation = {
    ...more,
    pointer: '/compute/partition',
    current: ours.name,
    suggested: longer.length === 1 ? (longer[0]?.name ?? null) : null,
    why: `${allows}, and the run used it up; ${where}`,
  };
  // Without another partition, a longer limit would be refused or wait forever.
  return longer.length === 0 ? [other] : [other, { ...more, why: `${more.why}; in another partition` }];
}

/** The design keys that the site's message is about. Pure. */
export function refusalAdvice(opened: OpenedData, advice: Advice | null): readonly Recommendation[] {
  if (advice === null) return [];
  const request: Readonly<Record<string, unknown>> = opened.resource_request;
  const named = advice.pointer.split('/').at(-1) ?? '';
  // The site's message says memory, whichever key asked for it.
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

/** The hint if only the site's own words say what is wrong; otherwise the catalogue's hint is right. Pure. */
export function refusalHint(advice: Advice | null): { readonly hint?: string } {
  if (advice !== null) return {};
  return {
    hint: 'Do what this message asks for: change design.yaml and have it reviewed again, or ask the site; then launch again.',
  };
}
