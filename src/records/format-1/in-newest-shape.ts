import type { Manifest } from '../manifest-schema.ts';
import { withoutNulls } from '../without-nulls.ts';
import type { ManifestOfFormat1 } from './manifest-schema.ts';

/** A manifest of format 1 for code that knows only the newest shape: what does not apply is left out there, and null here. Pure. */
export function inNewestShape(manifest: ManifestOfFormat1): Manifest {
  const { job_id, slurm, resource_request, timestamps, journal, ...rest } = manifest;
  const { completed_at, ...times } = timestamps;
  const completed = completed_at === null ? {} : { completed_at };
  return {
    ...rest,
    resource_request: withoutNulls(resource_request),
    ...(job_id === null ? {} : { job_id }),
    ...(slurm === null ? {} : { slurm: slurmOf(slurm) }),
    started_at: times.started_at,
    ...completed,
    timestamps: { ...times, ...completed },
    journal: { ...journal, format: 1 },
  };
}

function slurmOf({ job_id, ...rest }: NonNullable<ManifestOfFormat1['slurm']>): Manifest['slurm'] {
  return job_id === null ? rest : { job_id, ...rest };
}
