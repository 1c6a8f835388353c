/** How a job ended, as the scheduler says it: the facts that are judged. Types only. */

export interface JobStepEnd {
  /** `12.batch`, `12.extern`, `12.0`. */
  readonly id: string;
  readonly state: string;
  /** `code:signal`. */
  readonly exitCode: string;
  /** The user id of `CANCELLED by 1000`. */
  readonly cancelledBy: string | null;
  /** RFC 3339, UTC; null where it did not end, or it is not known when. */
  readonly endedAt: string | null;
  /** RFC 3339, UTC; left out where it was not asked for. */
  readonly startedAt?: string | null;
}

export interface JobEnd {
  readonly jobId: string;
  readonly source: 'sacct' | 'scontrol';
  /** null where it was not asked for. */
  readonly name: string | null;
  /** The word alone, such as `CANCELLED`; perhaps one that no version we know of prints. */
  readonly state: string;
  /** The user id of `CANCELLED by 1000`. */
  readonly cancelledBy: string | null;
  /** `code:signal` of the batch script, as Slurm writes it. */
  readonly exitCode: string;
  /** The highest of all steps; null where it was not asked for. */
  readonly derivedExitCode: string | null;
  /** Why it ended or waited, where `scontrol` says it. */
  readonly reason: string | null;
  /** As Slurm writes it, and in seconds. */
  readonly elapsed: string | null;
  readonly elapsedSeconds: number | null;
  readonly timeLimitSeconds: number | null;
  /** User and system time of all steps. */
  readonly cpuSeconds: number | null;
  readonly allocatedCpus: number | null;
  /** What was asked for: of a node, or of a processor. */
  readonly requestedMemory: { readonly bytes: number; readonly per: 'node' | 'cpu' | null } | null;
  /** The largest of all steps, as Slurm writes it and in bytes; null where nothing was measured, as after many an OOM kill. */
  readonly maxRss: string | null;
  readonly maxRssBytes: number | null;
  readonly nodes: string | null;
  readonly partition: string | null;
  /** RFC 3339, UTC; null where it never started. */
  readonly submittedAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** When Slurm gave notice that it preempts this start of the job. Only the controller says so, for as long as it remembers. */
  readonly preemptedAt: string | null;
  readonly steps: readonly JobStepEnd[];
  /** How often it was started again. */
  readonly restarts: number;
}
