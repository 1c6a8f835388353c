import type { Manifest } from '../manifest-schema.ts';
import type { RunView } from '../run-view.ts';
import { withoutNulls } from '../without-nulls.ts';
import type { ManifestOfFormat2 } from './manifest-schema.ts';

/** The manifest of a run of format 2, and back. Pure. */

export function inFormat2(manifest: Manifest, { opened, job, closed }: RunView): ManifestOfFormat2 {
  const { slurm, completed_at, timestamps, ...rest } = manifest;
  const { started_at, submitted_at, ended_at } = timestamps;
  const completed = closed === null || completed_at === undefined ? {} : { completed_at };
  return {
    ...rest,
    ...completed,
    timestamps: { started_at, submitted_at, ended_at, ...completed },
    resource_request: opened.resource_request,
    ...(slurm === undefined ? {} : { slurm: { ...slurm, job_id: job?.job_id ?? null } }),
    todo: { open: [...opened.todo.open], allowed_open: opened.todo.allowed_open },
  };
}

export function fromFormat2({ slurm, todo, ...rest }: ManifestOfFormat2): Manifest {
  return {
    ...rest,
    resource_request: withoutNulls(rest.resource_request),
    ...(slurm === undefined ? {} : { slurm: slurmOf(slurm) }),
    ...(todo.open.length === 0 ? {} : { todo }),
  };
}

function slurmOf({ job_id, ...rest }: NonNullable<ManifestOfFormat2['slurm']>): Manifest['slurm'] {
  return job_id === null ? rest : { job_id, ...rest };
}
