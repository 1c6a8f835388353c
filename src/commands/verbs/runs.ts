import { join } from 'node:path';
import { exists } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { runPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import { readAbandoned } from '../../run/abandoned.ts';
import { listRuns } from '../../run/claim.ts';
import { lightState } from '../../run/light-state.ts';
import { peekRun } from '../../run/session.ts';
import { flag } from '../check-options.ts';
import { succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface RunsOptions {
  /** The runs of all iterations. Default: false, those of the current iteration. */
  readonly all?: boolean;
}

/** One run of the list. */
export interface RunRow {
  readonly run_id: string;
  readonly iteration_id: string;
  /** UTC, RFC 3339. */
  readonly started_at: string | null;
  readonly mode: string | null;
  readonly job_id: string | null;
  /** As in the manifest; `pending` if nothing was started yet, `unreadable` if the journal is damaged. */
  readonly status: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly duration_seconds: number | null;
}

export interface RunsResult extends VerbResult {
  /** Oldest first. */
  readonly runs?: readonly RunRow[];
}

export const runs: Verb<RunsOptions> = {
  name: 'runs',
  options: { all: flag },
  perform: ({ root }, { all = false }) => {
    const current = lightState(root)?.iteration_id;
    const rows = listRuns(root)
      .filter((run) => all || run.iterationId === current)
      .filter((run) => exists(join(runPaths(root, run.iterationId, run.runId).folder)))
      .map((run) => rowOf(root, run))
      .sort((a, b) => ((a.started_at ?? a.run_id) < (b.started_at ?? b.run_id) ? -1 : 1));
    const message = rows.length === 0 ? 'There are no runs yet.' : `${rows.length} run(s).`;
    const hint = rows.length === 0 ? 'Start one: autolab launch' : 'See one: autolab verify RUN, autolab logs RUN';
    return succeed('runs', { message, hint }, { details: { runs: rows } satisfies Partial<RunsResult> });
  },
};

function rowOf(root: string, run: { readonly iterationId: string; readonly runId: string }): RunRow {
  const peek = peekRun(root, run);
  const empty = {
    run_id: run.runId,
    iteration_id: run.iterationId,
    started_at: null,
    mode: null,
    job_id: null,
    outcome: null,
    code: null,
    duration_seconds: null,
  };
  if (peek.kind !== 'run' && readAbandoned(runPaths(root, run.iterationId, run.runId), run.runId) !== null)
    return { ...empty, status: 'failed', outcome: 'needs_retry', code: 'run.abandoned' };
  if (peek.kind === 'corrupt') return { ...empty, status: 'unreadable', code: peek.failure.code };
  if (peek.kind === 'unopened') return { ...empty, status: 'pending' };
  const manifest = projectManifest(peek.view);
  const end = manifest.timestamps.completed_at ?? now();
  return {
    ...empty,
    started_at: manifest.timestamps.started_at,
    mode: manifest.launch_mode,
    job_id: manifest.slurm?.job_id ?? manifest.job_id ?? null,
    status: manifest.status,
    outcome: manifest.outcome,
    code: manifest.code,
    duration_seconds: Math.round((Date.parse(end) - Date.parse(manifest.timestamps.started_at)) / 100) / 10,
  };
}
