/** How a job ended, according to the scheduler: the facts that are judged. Types only. */

export interface JobStepEnd {
  /** `12.batch`, `12.extern`, `12.0`. */
  readonly id: string;
  readonly state: string;
  /** `code:signal`. */
  readonly exitCode: string;
  /** The user id of `CANCELLED by 1000`. */
  readonly cancelledBy: string | null;
  /** RFC 3339, UTC; null if it did not end, or the time is unknown. */
  readonly endedAt: string | null;
  /** RFC 3339, UTC; left out if it was not requested. */
  readonly startedAt?: string | null;
}

export interface JobEnd {
  readonly jobId: string;
  readonly source: 'sacct' | 'scontrol';
  /** null if the steps were not requested. */
  readonly name: string | null;
  /** The word alone, such as `CANCELLED`; may be one that no known version prints. */
  readonly state: string;
  /** The user id of `CANCELLED by 1000`. */
  readonly cancelledBy: string | null;
  /** `code:signal` of the batch script, as Slurm writes it. */
  readonly exitCode: string;
  /** The highest of all steps; null if it was not requested. */
  readonly derivedExitCode: string | null;
  /** Why it ended or waited, if `scontrol` says it. */
  readonly reason: string | null;
  /** As Slurm writes it, and in seconds. */
  readonly elapsed: string | null;
  readonly elapsedSeconds: number | null;
  readonly timeLimitSeconds: number | null;
  /** User and system time of all steps. */
  readonly cpuSeconds: number | null;
  readonly allocatedCpus: number | null;
  /** The request: per node, or per processor. */
  readonly requestedMemory: { readonly bytes: number; readonly per: 'node' | 'cpu' | null } | null;
  /**
   * The largest of all steps, as Slurm writes it and in bytes; null if nothing was measured, as after many OOM kills.
   */
  readonly maxRss: string | null;
  readonly maxRssBytes: number | null;
  readonly nodes: string | null;
  readonly partition: string | null;
  /** RFC 3339, UTC; null if it never started. */
  readonly submittedAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /**
   * When Slurm announced the preemption of this start of the job. Only the controller reports it, and only for a while.
   */
  readonly preemptedAt: string | null;
  readonly steps: readonly JobStepEnd[];
  /** How often it was restarted. */
  readonly restarts: number;
}
