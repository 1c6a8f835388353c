import { now } from '../../platform/time.ts';
import { commandParts } from '../../records/command-parts.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import { queueTimes, secondsBetween } from '../../records/queue-times.ts';
import type { RunView } from '../../records/run-view.ts';
import { readAbandoned } from '../../run/abandoned.ts';
import { peekRun } from '../../run/session.ts';
import { tasksNow } from '../../run/tasks/look.ts';
import type { RunName } from '../find-run.ts';
import type { MetricsOfRun, RowMetrics } from './metrics.ts';

/** One run of the list. */
export interface RunRow extends RowMetrics {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  /** UTC, RFC 3339. */
  readonly started_at: string | null;
  readonly mode: string | null;
  readonly job_id: string | null;
  /** As in the manifest; `pending` if nothing was started yet, `unreadable` if the journal is damaged. */
  readonly status: string;
  readonly outcome: string | null;
  readonly code: string | null;
  /** From the opening to the close. */
  readonly duration_seconds: number | null;
  /** In the scheduler's queue; null for a run without a job. */
  readonly queued_seconds: number | null;
  /** Of the entrypoint. */
  readonly running_seconds: number | null;
  /** Of a run with many: those that completed, of all, such as `12/16`. */
  readonly tasks: string | null;
  /** The command without its arguments: `python train.py`. */
  readonly program: string | null;
  /** By name; words without a name are `$1`, `$2`, …. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly commit: string | null;
  /** Whether there were uncommitted changes. */
  readonly dirty: boolean | null;
  /** The project, from this one's root: `.`, or that of another work tree. */
  readonly tree: string;
}

/** A row, and what tells a copy of its run from another one. */
export interface ReadRow {
  readonly row: RunRow;
  readonly head: string | null;
}

export function readRow(root: string, run: RunName, tree: string, metricsOf: MetricsOfRun): ReadRow {
  const peek = peekRun(root, run);
  const empty = emptyRow(run, tree);
  if (peek.kind !== 'run') {
    const isAbandoned = readAbandoned(runPaths(root, run.iterationId, run.runId), run.runId) !== null;
    if (isAbandoned)
      return { row: { ...empty, status: 'failed', outcome: 'needs_retry', code: 'run.abandoned' }, head: null };
    const code = peek.kind === 'corrupt' ? peek.failure.code : null;
    return { row: { ...empty, status: peek.kind === 'corrupt' ? 'unreadable' : 'pending', code }, head: null };
  }
  const { view, paths } = peek;
  const manifest = projectManifest(view);
  const { program, arguments: given } = commandParts(view.opened);
  const at = now();
  const { queued_seconds, running_seconds } = queueTimes(view, at);
  const { started_at, completed_at } = manifest.timestamps;
  const row = {
    ...empty,
    experiment_id: manifest.experiment_id,
    started_at,
    mode: manifest.launch_mode,
    job_id: manifest.slurm?.job_id ?? manifest.job_id ?? null,
    status: manifest.status,
    outcome: manifest.outcome,
    code: manifest.code,
    duration_seconds: secondsBetween(started_at, completed_at ?? at),
    queued_seconds,
    running_seconds,
    tasks: tasksOf(view, paths),
    ...metricsOf({ root, paths, manifest }),
    program,
    arguments: Object.fromEntries(given),
    commit: manifest.commit.sha,
    dirty: manifest.commit.dirty,
  };
  return { row, head: manifest.journal.head };
}

function tasksOf({ opened: { tasks }, closed }: RunView, paths: RunPaths): string | null {
  if (tasks === undefined) return null;
  const completed = closed === null ? tasksNow(paths, tasks).completed : (closed.tasks?.by_state['completed'] ?? 0);
  return `${completed}/${tasks.count}`;
}

function emptyRow({ runId, iterationId }: RunName, tree: string): RunRow {
  return {
    run_id: runId,
    iteration_id: iterationId,
    experiment_id: null,
    started_at: null,
    mode: null,
    job_id: null,
    status: 'pending',
    outcome: null,
    code: null,
    duration_seconds: null,
    queued_seconds: null,
    running_seconds: null,
    tasks: null,
    metric: null,
    metrics: {},
    program: null,
    arguments: {},
    commit: null,
    dirty: null,
    tree,
  };
}
