/** What the logs of a task are called. Pure. */

/** File names in the run's `logs` folder. */
export interface LogNames {
  readonly stdout: string;
  readonly stderr: string;
}

/** For a run without a scheduler. */
export const OWN_LOGS: LogNames = { stdout: 'stdout.log', stderr: 'stderr.log' };

/** Slurm writes the logs of a job under its id. */
export function jobLogs(jobId: string): LogNames {
  return { stdout: `slurm-${jobId}.out`, stderr: `slurm-${jobId}.err` };
}
