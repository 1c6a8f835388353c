import { resultOf, type RunView } from '../run-view.ts';
import type { ManifestOfFormat1 } from './manifest-schema.ts';

/** The manifest's `slurm` section in format 1. It never changes. Pure. */
export function projectSlurm(view: RunView): ManifestOfFormat1['slurm'] {
  const { slurm } = view.opened;
  if (slurm === null) return null;
  const confirmed = resultOf(view, 'confirm');
  return {
    job_id: view.job?.job_id ?? null,
    cluster: view.job?.cluster ?? null,
    submit_key: slurm.key,
    submit_argv: [...slurm.argv],
    adopted: view.job?.adopted ?? false,
    confirmation:
      confirmed === null ? null : { source: confirmed.source, rows: confirmed.rows.map((row) => ({ ...row })) },
    state: confirmed?.state ?? null,
    exit_code: confirmed?.exit_code ?? null,
    elapsed: confirmed?.elapsed ?? null,
    max_rss: confirmed?.max_rss ?? null,
    nodes: confirmed?.nodes ?? null,
    polls: view.reads.length,
    removed_variables: [...slurm.removed_variables],
    evidence: [...(resultOf(view, 'submit')?.evidence ?? []), ...(confirmed?.evidence ?? [])],
  };
}
