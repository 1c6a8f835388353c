import { linesOf } from './answer.ts';
import { isTaskLine, readTaskEnd, type SrunTaskEnd } from './task-end.ts';

/**
 * Lines of Slurm's own daemons and `srun` in the job's log. Pure. Only their lines about this very job count: a program
 * can print the same words about itself, or copy another job's log. Forms of 20.11 to 24.11.
 */
export interface DaemonWords {
  readonly outOfMemory: readonly string[];
  readonly timeLimit: readonly string[];
  /** In the order of the log. */
  readonly cancelled: readonly CancelledLine[];
  /** The first task that ended badly, as `srun` reports it. */
  readonly firstTask: SrunTaskEnd | null;
  /**
   * A step was cancelled before the first task ended badly: then `srun` did not end the step because of the failed
   * task.
   */
  readonly cancelledFirst: boolean;
  /** slurmd could not run the site's prolog; it writes no name before these lines. */
  readonly prolog: readonly string[];
}

/** `*** STEP 7.0 ON n1 CANCELLED AT … DUE TO PREEMPTION ***`: SIGTERM or SIGKILL was sent to the step, or to the batch script. */
export interface CancelledLine {
  /** `7.0`; null if it is about the job, that is, its batch script. */
  readonly step: string | null;
  /** As the node writes it, in its own time. */
  readonly at: string;
  /** `PREEMPTION`, `TIME LIMIT`, `JOB REQUEUE`; null if Slurm does not say. */
  readonly because: string | null;
  readonly line: string;
}

const DAEMON = /^(?:\S+: )?(?:slurmstepd|srun)(?:-[\w.-]+)?: (?:error: )?/;
const OUT_OF_MEMORY = /\boom[_-]kill\b|exceeded (?:job )?memory limit|memory usage .* exceeded|Out Of Memory/i;
const TIME_LIMIT = /\*\*\* JOB \d+ .*DUE TO TIME LIMIT/;
const CANCELLED =
  /\*\*\* (?:JOB (\d+)|STEP (?:StepId=)?(\d+\.\d+)) ON \S+ CANCELLED AT (\S+?)(?: DUE TO ([A-Z][^*]*?))? \*\*\*/;
const PROLOG = /^Error running (?:slurm )?prolog: \S+$/;
/** Their lines are short; longer ones are slow to search. */
const LONGEST_LINE = 1000;
/** The lines that end one start of a requeued job. */
const ENDS_A_START = /^(?:PREEMPTION|JOB REQUEUE|NODE FAILURE)/;

export function readDaemonWords(stderrTail: string | null, jobId: string, restarts = 0): DaemonWords {
  const lines = linesOf(stderrTail ?? '').map((line) => line.slice(0, LONGEST_LINE));
  const own = ofThisStart(
    lines.filter((line) => DAEMON.test(line) && isAbout(line, jobId)),
    restarts,
  );
  const cancelled = own.map(readCancelled);
  const firstCancelled = cancelled.findIndex((line) => line !== null);
  const tasks = own.map((line) => (isTaskLine(line) ? readTaskEnd(line) : null));
  const first = tasks.findIndex((task) => task !== null);
  return {
    outOfMemory: own.filter((line) => OUT_OF_MEMORY.test(line)),
    timeLimit: own.filter((line) => TIME_LIMIT.test(line)),
    cancelled: cancelled.filter((line) => line !== null),
    firstTask: tasks[first] ?? null,
    cancelledFirst: firstCancelled !== -1 && (first === -1 || firstCancelled < first),
    prolog: lines.filter((line) => PROLOG.test(line)),
  };
}

/** A requeued job appends to the same log: lines that ended an earlier start do not count for the last one. */
function ofThisStart(own: readonly string[], restarts: number): readonly string[] {
  if (restarts === 0) return own;
  const last = own.findLastIndex((line) => ENDS_A_START.test(readCancelled(line)?.because ?? ''));
  return last === -1 ? own : own.slice(last + 1).filter((line) => !isTaskLine(line));
}

function readCancelled(line: string): CancelledLine | null {
  const [, job, step, at = '', because] = CANCELLED.exec(line) ?? [];
  if (job === undefined && step === undefined) return null;
  // Written by srun itself, since 23.02.
  if (because === 'TASK FAILURE') return null;
  return { step: step ?? null, at, because: because ?? null, line };
}

/** `StepId=12.batch`, `Step 12.0`, `JOB 12`, `job 12`; a line without an id occurs only in the job's own log. */
function isAbout(line: string, jobId: string): boolean {
  const ids = [...line.matchAll(/\b(?:StepId=|Step |JobId=|JOB |STEP |job )(\d+)/g)].map((match) => match[1]);
  return ids.every((id) => id === jobId);
}
