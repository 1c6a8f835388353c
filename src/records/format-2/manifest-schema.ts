import * as z from 'zod';
import { manifestSchema, resourceRequestSchema, slurmSchema, todoSchema } from '../manifest-schema.ts';

/** The shape of the manifests of format 2: numbers that the design does not say, and the id of no job, are null. */

function make() {
  const maybeCount = z.number().int().nonnegative().nullable();
  return manifestSchema.extend({
    resource_request: resourceRequestSchema.extend({
      time_seconds: maybeCount,
      memory_mb: maybeCount,
      cpus: maybeCount,
      nodes: maybeCount,
      ntasks: maybeCount,
      nice: z.number().int().nullable(),
    }),
    slurm: slurmSchema.extend({ job_id: z.string().nullable() }).optional(),
    todo: todoSchema,
  });
}

let made: ReturnType<typeof make> | undefined;

/** Made when it is asked for, as that of format 1. */
export function manifestSchemaOfFormat2(): ReturnType<typeof make> {
  made ??= make();
  return made;
}

export type ManifestOfFormat2 = z.infer<ReturnType<typeof make>>;
