import type { Manifest } from '../../records/manifest-schema.ts';
import { compareMetrics, type Measured } from './analysis.ts';
import type { Analysis } from './analysis-schema.ts';

/** Puts an analysis together from a record and the two documents that say what it is compared with. Pure. */

export interface Extracted extends Measured {
  readonly manifest: Manifest;
  readonly source: Analysis['source'];
  readonly design: Analysis['design'];
  readonly hypothesisId: string | null;
  /** The backlog has other bytes than at the launch; whether the target is another one cannot be known. */
  readonly backlogChanged: boolean;
  readonly tasks: Analysis['tasks'];
}

export function composeAnalysis(extracted: Extracted): Analysis {
  const { manifest, source, design, hypothesisId, backlogChanged, tasks } = extracted;
  const { target, ...compared } = compareMetrics(extracted);
  return {
    schema_version: '1.0',
    iteration_id: manifest.iteration_id,
    experiment_id: manifest.experiment_id,
    hypothesis_id: hypothesisId,
    run: runPart(manifest),
    source,
    design,
    ...compared,
    target: target !== null && backlogChanged ? { ...target, as_launched: false } : target,
    tasks,
  };
}

function runPart(manifest: Manifest): Analysis['run'] {
  const { run_id, iteration_id, code, launch_mode, started_at, completed_at, commit, fingerprint, journal } = manifest;
  const { wall_seconds, cpu_seconds, max_rss_bytes } = manifest.usage.used;
  return {
    run_id,
    run_dir: `experiments/${iteration_id}/runs/${run_id}`,
    code: code ?? '',
    launch_mode,
    job_id: manifest.slurm?.job_id ?? manifest.job_id ?? null,
    started_at,
    completed_at: completed_at ?? null,
    commit: commit.sha,
    dirty: commit.dirty,
    fingerprint,
    journal_head: journal.head,
    usage: { wall_seconds, cpu_seconds, max_rss_bytes },
  };
}
