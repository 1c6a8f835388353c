import type { Design } from '../project/design.ts';
import type { ResourceRequest } from '../records/manifest-schema.ts';

/** What the design asked for. What it does not give is left out, the numbers and switches of the first designs aside. */
export function resourceRequestOf({ compute }: Design): ResourceRequest {
  const { location, time_seconds, memory_mb, cpus, gpu_count, nodes, ntasks, nice, requeue, ...rest } = compute;
  const { exclusive, sbatch_options: passed, ...others } = rest;
  const words = passed.map(({ name, value }) => `--${name}${value === null ? '' : `=${value}`}`);
  return {
    ...{ location, time_seconds, memory_mb, cpus, gpu_count, nodes, ntasks, nice, requeue },
    ...given(others),
    ...(exclusive === false ? {} : { exclusive }),
    ...(words.length === 0 ? {} : { sbatch_options: words }),
  };
}

type Given<T> = { readonly [Key in keyof T]?: NonNullable<T[Key]> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Given<T>;
}
