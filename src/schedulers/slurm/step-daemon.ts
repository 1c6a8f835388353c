import { linesOf } from './answer.ts';

/**
 * What slurmstepd wrote into the job's own log. Pure. Only its own lines about this very job count: a program can print
 * such words about itself, or copy another job's log. Forms of 20.11 to 24.11.
 */
export interface DaemonWords {
  readonly outOfMemory: readonly string[];
  readonly timeLimit: readonly string[];
}

const DAEMON = /^(?:\S+: )?(?:slurmstepd|srun)(?:-[\w.-]+)?: (?:error: )?/;
const OUT_OF_MEMORY = /\boom[_-]kill\b|exceeded (?:job )?memory limit|memory usage .* exceeded|Out Of Memory/i;
const TIME_LIMIT = /\*\*\* JOB \d+ .*DUE TO TIME LIMIT/;

export function readDaemonWords(stderrTail: string | null, jobId: string): DaemonWords {
  const own = linesOf(stderrTail ?? '').filter((line) => DAEMON.test(line) && speaksOf(line, jobId));
  return {
    outOfMemory: own.filter((line) => OUT_OF_MEMORY.test(line)),
    timeLimit: own.filter((line) => TIME_LIMIT.test(line)),
  };
}

/** `StepId=12.batch`, `Step 12.0`, `JOB 12`, `job 12`; a line without any id is written only into the job's own log. */
function speaksOf(line: string, jobId: string): boolean {
  const ids = [...line.matchAll(/\b(?:StepId=|Step |JobId=|JOB |STEP |job )(\d+)/g)].map((match) => match[1]);
  return ids.every((id) => id === jobId);
}
