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

/** How long a job may run at this site. */
export interface TimeLimits {
  readonly partitions: readonly TimeLimit[];
  /** Of the QOS that the run asked for; null if it asked for none, or that sets no limit. */
  readonly qos: TimeLimit | null;
}

export const NO_LIMITS: TimeLimits = { partitions: [], qos: null };

/** What would probably help after a job that ended badly: with numbers. Pure. */
export function adviceFor(
  view: RunView,
  code: Code,
  end: AdvisedEnd,
  logTail: string | null,
  limits: TimeLimits = NO_LIMITS,
): readonly Recommendation[] {
  const { iteration_id: iterationId, resource_request: asked } = view.opened;
  if ((code === 'slurm.timeout' || code === 'slurm.deadline') && asked.time_seconds !== null)
    return withinLimits(moreTime(iterationId, asked.time ?? null, asked.time_seconds, logTail), end, limits);
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

/** What the site allows a job at most, and where it allows more. */
interface Bound extends TimeLimit {
  readonly key: 'partition' | 'qos';
  /** Slurm's name of the limit. */
  readonly column: 'MaxTime' | 'MaxWall';
  /** Null if that is not known. */
  readonly longer: readonly TimeLimit[] | null;
}

/** More time than the site allows helps only in another partition or QOS. */
function withinLimits(
  more: Recommendation,
  { partition, timeLimitSeconds }: AdvisedEnd,
  limits: TimeLimits,
): readonly Recommendation[] {
  const wanted = readSeconds(more.suggested ?? '');
  const bound = wanted === null ? null : tightest(partition, wanted, limits);
  if (bound === null || wanted === null || wanted <= bound.seconds) return [more];
  const owner = bound.key === 'qos' ? 'QOS' : 'partition';
  const allows = `the ${owner} ${bound.name} allows at most ${bound.words} (${bound.column})`;
  if ((timeLimitSeconds ?? 0) < bound.seconds)
    return [
      { ...more, suggested: formatDuration(bound.seconds), why: `${more.why}; ${allows}, which may not be enough` },
    ];
  const other: Recommendation = {
    ...more,
    pointer: `/compute/${bound.key}`,
    current: bound.name,
    suggested: bound.longer?.length === 1 ? (bound.longer[0]?.name ?? null) : null,
    why: `${allows}, and the run used it up; ${whereElse(bound)}`,
  };
  // Without another partition, a longer limit would be refused or wait forever.
  return bound.longer?.length === 0 ? [other] : [other, { ...more, why: `${more.why}; in another ${owner}` }];
}

function tightest(partition: string | null, wanted: number, { partitions, qos }: TimeLimits): Bound | null {
  const ours = partitions.find(({ name }) => name === partition);
  const longer = partitions.filter(({ seconds }) => seconds >= wanted);
  const bounds: Bound[] = [
    ...(ours === undefined ? [] : [{ ...ours, key: 'partition', column: 'MaxTime', longer } as const]),
    ...(qos === null ? [] : [{ ...qos, key: 'qos', column: 'MaxWall', longer: null } as const]),
  ];
  return bounds.sort((a, b) => a.seconds - b.seconds)[0] ?? null;
}

function whereElse({ longer }: Bound): string {
  if (longer === null) return 'ask the site which QOS allows more: sacctmgr show qos format=Name,MaxWall';
  const names = longer.map(({ name, words }) => `${name} (${words})`).join(', ');
  return longer.length === 0
    ? 'no partition that is up allows as much'
    : `these allow more, if you may use them: ${names}`;
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
    hint: 'Do what this message asks for: change design.yaml, or ask the site; `autolab next` says how to continue.',
  };
}
