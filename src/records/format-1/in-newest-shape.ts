import type { Manifest } from '../manifest-schema.ts';
import type { ManifestOfFormat1 } from './manifest-schema.ts';

/** A manifest of format 1 for code that knows only the newest shape: what does not apply is left out there, and null here. Pure. */
export function inNewestShape(manifest: ManifestOfFormat1): Manifest {
  const { job_id, slurm, resource_request, timestamps, journal, ...rest } = manifest;
  const { completed_at, ...times } = timestamps;
  const completed = completed_at === null ? {} : { completed_at };
  return {
    ...rest,
    resource_request: withoutNullTexts(resource_request),
    ...(job_id === null ? {} : { job_id }),
    ...(slurm === null ? {} : { slurm }),
    started_at: times.started_at,
    ...completed,
    timestamps: { ...times, ...completed },
    journal: { ...journal, format: 1 },
  };
}

function withoutNullTexts(request: ManifestOfFormat1['resource_request']): Manifest['resource_request'] {
  const { time, memory, gpu_type, partition, qos, account, constraint, exclude, reservation, ...rest } = request;
  const texts = { time, memory, gpu_type, partition, qos, account, constraint, exclude, reservation };
  const given = Object.entries(texts).filter(([, value]) => value !== null);
  return { ...rest, ...(Object.fromEntries(given) as Partial<Record<keyof typeof texts, string>>) };
}
