import { PARTITIONS } from './plain.mjs';

/** Jobs that have ended count until slurmctld forgets them. */
export const FEW_JOBS = {
  about: 'arrays have at most 4 elements, and there is room for 8 jobs (MaxArraySize, MaxJobCount)',
  partitions: PARTITIONS,
  slurm: { MaxArraySize: '4', MaxJobCount: '9' },
};
