import { everyPartition } from './plain.mjs';

/** A preempted job's steps get SIGTERM at once; the job itself ends when its grace is over. */
const graceful = everyPartition({ GraceTime: 20 });

export const GRACE = {
  about: 'a preempted job has 20 seconds of grace, in `brief` 5 (PreemptMode=CANCEL, GraceTime)',
  partitions: {
    ...graceful,
    urgent: { ...graceful.urgent, GraceTime: 0 },
    brief: { ...graceful.main, GraceTime: 5 },
  },
};
