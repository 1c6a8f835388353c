import type { Code } from '../../errors/catalog.ts';
import type { TasksNow } from '../../events/events.ts';
import { ended } from '../../records/projection-task.ts';
import type { RunView } from '../../records/run-view.ts';
import type { DriverRecord } from '../status.ts';
import type { Course, MetricCurves, UsageNow } from './curves.ts';
import type { WatchedTask } from './tasks-files.ts';

/** A run at one moment, for a live view. */
export interface WatchedRun {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  readonly launch_mode: string | null;
  readonly job_id: string | null;
  /** When this was read; RFC 3339. */
  readonly at: string;
  readonly phase: 'preparing' | 'queued' | 'running' | 'finishing' | 'waiting to retry' | 'lost' | 'closed';
  /** The step that is at work; null between two steps. */
  readonly step: string | null;
  readonly driver: 'nobody' | DriverRecord;
  /** Of the entrypoint; null before its start. */
  readonly elapsed_seconds: number | null;
  /** In the queue, so far or in all; null if there is no queue. */
  readonly queued_seconds: number | null;
  readonly requested: {
    readonly time_seconds: number | null;
    readonly memory_bytes: number | null;
    readonly cpus: number | null;
  };
  readonly memory_bytes: number | null;
  readonly memory_peak_bytes: number | null;
  /** Cores in use. */
  readonly cpu: number | null;
  /** The course of both from the start on; of a long one every second point, every fourth, … */
  readonly memory_series: readonly number[];
  readonly cpu_series: readonly number[];
  readonly gpu: readonly { readonly util: number | null; readonly memory_bytes: number | null }[];
  /** Of `metrics.jsonl`; the one to judge by first, then by name. */
  readonly metrics: readonly { readonly name: string; readonly last: number; readonly series: readonly number[] }[];
  readonly metrics_step: number | null;
  /** What the scheduler said last, and when; null if there is none. */
  readonly queue: { readonly words: string; readonly at: string } | null;
  /** For a run on another host: the host, and when something of it was last brought here. */
  readonly remote: { readonly host: string; readonly seen_at: string | null } | null;
  readonly cancelling: boolean;
  readonly last_failure: { readonly code: Code; readonly message: string } | null;
  /** How it ended; null while it is open. */
  readonly closed: {
    readonly code: Code;
    readonly outcome: string;
    readonly message: string;
    readonly hint: string;
  } | null;
  /** Counts of its tasks by state; null if it has one, without parameters. */
  readonly tasks: TasksNow | null;
  /** The task that is watched; null for all of them. */
  readonly task: WatchedTask | null;
  /** The last lines of its logs, as a terminal would show them; of a run with tasks, those of `task`, or a line for each that failed. */
  readonly log: readonly string[];
}

/** What is read of a run besides its journal. */
export interface SeenOfRun {
  readonly at: string;
  readonly driver: 'nobody' | DriverRecord;
  readonly usage: UsageNow;
  readonly metrics: MetricCurves;
  readonly log: readonly string[];
  readonly tasks: TasksNow | null;
  readonly task: WatchedTask | null;
  /** Of the claim in `receipt/`; null if there is none. */
  readonly claimedAt: string | null;
  readonly hasEndReceipt: boolean;
  /** What a scheduler was asked, because no driver does. */
  readonly asked: WatchedRun['queue'];
  readonly entrypoint: string | null;
  readonly seenAt: string | null;
}

/** `view` is null for a run that is claimed and has no journal yet. Pure. */
export function watchedRun(
  run: { readonly iterationId: string; readonly runId: string },
  view: RunView | null,
  seen: SeenOfRun,
): WatchedRun {
  return {
    run_id: run.runId,
    iteration_id: run.iterationId,
    at: seen.at,
    driver: seen.driver,
    tasks: seen.tasks,
    task: seen.task,
    log: seen.log,
    ...(view === null ? UNOPENED : ofJournal(view, seen)),
    ...usageOf(view, seen.usage),
    metrics: metricsOf(view, seen.metrics.curves),
    metrics_step: seen.metrics.step,
  };
}

type OfJournal = Pick<
  WatchedRun,
  | 'experiment_id'
  | 'launch_mode'
  | 'job_id'
  | 'phase'
  | 'step'
  | 'elapsed_seconds'
  | 'queued_seconds'
  | 'requested'
  | 'queue'
  | 'remote'
  | 'cancelling'
  | 'last_failure'
  | 'closed'
>;

const UNOPENED: OfJournal = {
  experiment_id: null,
  launch_mode: null,
  job_id: null,
  phase: 'preparing',
  step: 'claim',
  elapsed_seconds: null,
  queued_seconds: null,
  requested: { time_seconds: null, memory_bytes: null, cpus: null },
  queue: null,
  remote: null,
  cancelling: false,
  last_failure: null,
  closed: null,
};

function ofJournal(view: RunView, seen: SeenOfRun): OfJournal {
  const { opened, job, cancel, closed, lastFailure } = view;
  return {
    experiment_id: opened.experiment_id,
    launch_mode: opened.launch_mode,
    job_id: job?.job_id ?? null,
    phase: phaseOf(view, seen),
    step: stepOf(view),
    ...timesOf(view, seen),
    requested: requestOf(view),
    queue: queueOf(view, seen),
    remote: remoteOf(view, seen),
    cancelling: cancel !== null && closed === null,
    last_failure: lastFailure === null ? null : { code: lastFailure.code, message: lastFailure.message },
    closed:
      closed === null
        ? null
        : { code: closed.code, outcome: closed.outcome, message: closed.message, hint: closed.hint },
  };
}

function usageOf(view: RunView | null, usage: UsageNow) {
  const measured = view === null ? null : (ended(view)?.used?.max_rss_bytes ?? null);
  return {
    memory_bytes: usage.last?.memory_bytes ?? null,
    memory_peak_bytes: measured ?? usage.memoryPeak,
    cpu: usage.cpu?.last ?? null,
    memory_series: usage.memory?.values ?? [],
    cpu_series: usage.cpu?.values ?? [],
    gpu: usage.gpu,
  };
}

function phaseOf(view: RunView, { claimedAt, hasEndReceipt, entrypoint }: SeenOfRun): WatchedRun['phase'] {
  if (view.closed !== null) return 'closed';
  if (view.lastFailure !== null && stepOf(view) === null) return 'waiting to retry';
  if (hasEndReceipt || ended(view) !== null) return 'finishing';
  if (entrypoint === 'lost') return 'lost';
  if (view.started !== null || claimedAt !== null) return 'running';
  return view.job === null ? 'preparing' : 'queued';
}

function stepOf(view: RunView): string | null {
  return [...view.steps.values()].find(({ pending }) => pending)?.name ?? null;
}

function timesOf(view: RunView, { at, claimedAt }: SeenOfRun): Pick<WatchedRun, 'elapsed_seconds' | 'queued_seconds'> {
  const end = ended(view);
  const startedAt = end?.started_at ?? view.started?.started_at ?? claimedAt;
  const endedAt = end?.ended_at ?? view.closed?.at ?? at;
  return {
    elapsed_seconds: end?.used?.wall_seconds ?? secondsBetween(startedAt, endedAt),
    queued_seconds: secondsBetween(view.job?.at ?? null, startedAt ?? endedAt),
  };
}

function secondsBetween(from: string | null, to: string): number | null {
  return from === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000) || 0;
}

function requestOf({ opened }: RunView): WatchedRun['requested'] {
  const { time_seconds, memory_mb, cpus } = opened.resource_request;
  // 0 is all the memory of a node, whatever that is.
  const memory = memory_mb === null || memory_mb === 0 ? null : memory_mb * 1024 * 1024;
  return { time_seconds, memory_bytes: memory, cpus };
}

function metricsOf(view: RunView | null, curves: ReadonlyMap<string, Course>): WatchedRun['metrics'] {
  const { primary = null, others = [] } = view?.opened.metrics ?? {};
  const declared = [...(primary === null ? [] : [primary.name]), ...others].filter((name) => curves.has(name));
  const rest = [...curves.keys()].filter((name) => !declared.includes(name)).sort();
  return [...new Set([...declared, ...rest])].flatMap((name) => {
    const curve = curves.get(name);
    return curve === undefined ? [] : [{ name, last: curve.last, series: curve.values }];
  });
}

function queueOf(view: RunView, { asked }: SeenOfRun): WatchedRun['queue'] {
  if (asked !== null) return asked;
  const [at] = view.reads.slice(-1);
  if (at === undefined || view.lastRead?.command !== 'squeue') return null;
  return { words: view.lastRead.answer, at };
}

function remoteOf({ opened }: RunView, { seenAt }: SeenOfRun): WatchedRun['remote'] {
  const host = opened.remote?.login_host;
  return host === undefined ? null : { host, seen_at: seenAt };
}
