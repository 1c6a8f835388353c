const DAY = '1-00:00:00';

/** The partitions that most sites here share. */
export const PARTITIONS = {
  main: { DefaultTime: 10, MaxTime: DAY, PriorityTier: 2 },
  short: { DefaultTime: 1, MaxTime: 2, PriorityTier: 2 },
  // Takes the nodes from jobs of `main` and `short`, which are cancelled, and of `scavenge`, which go back to the queue.
  urgent: { DefaultTime: 10, MaxTime: DAY, PriorityTier: 10, PreemptMode: 'OFF' },
  scavenge: { DefaultTime: 10, MaxTime: DAY, PriorityTier: 1, PreemptMode: 'REQUEUE' },
};

/** Every partition with a few keys more. */
export function everyPartition(keys) {
  return Object.fromEntries(Object.entries(PARTITIONS).map(([name, partition]) => [name, { ...partition, ...keys }]));
}

export const PLAIN = {
  about: 'memory and CPUs are given out one by one',
  partitions: PARTITIONS,
};

/** A job gets all CPUs of its nodes, so what counts CPUs or tasks per node counts more than was asked for. */
export const WHOLE_NODE = {
  about: 'a job gets whole nodes (OverSubscribe=EXCLUSIVE)',
  partitions: everyPartition({ OverSubscribe: 'EXCLUSIVE' }),
};
