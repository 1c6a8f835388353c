import { join } from 'node:path';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { exists } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { runPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import { readAbandoned } from '../../run/abandoned.ts';
import { listRuns } from '../../run/claim.ts';
import { lightState } from '../../run/light-state.ts';
import { peekRun } from '../../run/session.ts';
import type { CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectRoot } from '../project-root.ts';
import { table } from '../render/table.ts';

interface Row {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly started_at: string | null;
  readonly mode: string | null;
  readonly job_id: string | null;
  readonly status: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly duration_seconds: number | null;
}

export const runs: CommandHandler = (ctx, _words, options) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const current = lightState(found.root)?.iteration_id;
  const rows = listRuns(found.root)
    .filter((run) => flag(options, 'all') || run.iterationId === current)
    .filter((run) => exists(join(runPaths(found.root, run.iterationId, run.runId).folder)))
    .map((run) => rowOf(found.root, run))
    .sort((a, b) => ((a.started_at ?? a.run_id) < (b.started_at ?? b.run_id) ? -1 : 1));
  const message = rows.length === 0 ? 'There is no run yet.' : `${rows.length} run(s).`;
  const text = table(
    ['run', 'started', 'mode', 'job', 'status', 'outcome', 'seconds'],
    rows.map((row) => [
      row.run_id,
      row.started_at ?? '-',
      row.mode ?? '-',
      row.job_id ?? '-',
      row.status,
      row.code ?? row.outcome ?? '-',
      row.duration_seconds === null ? '-' : String(row.duration_seconds),
    ]),
  );
  return {
    result: resultOfFailure(
      'runs',
      failureOf('ok', { message, hint: 'See one: autolab verify RUN, autolab logs RUN' }),
      { details: { runs: rows } },
    ),
    text: rows.length === 0 ? `${message}\n` : text,
  };
};

function rowOf(root: string, run: { readonly iterationId: string; readonly runId: string }): Row {
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
