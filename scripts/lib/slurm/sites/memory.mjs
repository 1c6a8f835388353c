import { PARTITIONS } from './plain.mjs';

/** A job that asks for more memory than its CPUs may have gets more CPUs. */
export const PER_CPU_MEMORY = {
  about: 'at most 200 MB for a CPU (MaxMemPerCPU): --mem raises the number of CPUs',
  partitions: PARTITIONS,
  slurm: { MaxMemPerCPU: '200' },
};

/** The administrator never said how much memory the nodes have: Slurm takes it for 1 MB, and gives out CPUs only. */
export const NO_MEMORY = {
  about: 'Slurm knows nothing of memory (RealMemory=1, CR_CPU): --mem cannot be met',
  partitions: PARTITIONS,
  slurm: { SelectTypeParameters: 'CR_CPU' },
  without: ['DefMemPerCPU'],
  node: { RealMemory: 1 },
  unlimited: true,
};
