import { PARTITIONS } from './plain.mjs';

/** A job over a limit is accepted, and waits until the administrator raises the limit or the job is changed. */
export const PARTITION_LIMITS = {
  about: 'a job over a limit of its partition, QOS or account waits, for ever (EnforcePartLimits=NO)',
  partitions: {
    ...PARTITIONS,
    'one-node': { ...PARTITIONS.main, MaxNodes: 1 },
    'two-nodes': { ...PARTITIONS.main, MinNodes: 2 },
    'little-memory': { ...PARTITIONS.main, MaxMemPerNode: 300 },
    stopped: { ...PARTITIONS.main, State: 'DOWN' },
  },
  slurm: { EnforcePartLimits: 'NO' },
  limits: {
    capped: both('MaxTRESPerJob=cpu=2,mem=300M,node=1,gres/gpu=0', 'MaxWall=00:05:00'),
    crowded: { qos: ['MaxJobsPerUser=1'], account: ['MaxJobs=1'] },
    group: both('GrpTRES=cpu=2'),
    brief: { qos: ['MaxWall=00:01:00'], account: ['MaxJobs=100'] },
  },
};

function both(...limits) {
  return { qos: limits, account: limits };
}
