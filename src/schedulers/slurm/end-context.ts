import type { Code } from '../../errors/catalog.ts';
import type { JobEnd } from './job-end.ts';
import { isOfRun, type RunStep, type RunStepEvidence, runStepOf } from './run-step.ts';
import { type CancelledLine, type DaemonWords, readDaemonWords } from './step-daemon.ts';

/** The facts about the end of a job besides its Slurm state. Pure. */

/** slurmd's exit code if it could not open the job's log files. */
export const NO_LOG_SIGNAL = 53;

export interface EndContext {
  /** The driver had recorded the user's cancel. */
  readonly cancelRequested: boolean;
  /** The files that the job's prologue found changed; null if the code was as approved. */
  readonly codeChanged: readonly string[] | null;
  /** The data that the job found changed just before the entrypoint; null if they were as at the launch. */
  readonly inputsChanged?: readonly string[] | null;
  /** `receipt/exit.json`; null if there is none. The job wrote it, so it is never trusted alone. */
  readonly receipt: { readonly job_id: string; readonly restart_count: number; readonly exit_code: number } | null;
  /** The job's script began: it claimed the run, or left another receipt. */
  readonly begun: boolean;
  /** Distinguishes the step that is the run from other steps that the script started. */
  readonly runStep: RunStepEvidence;
  /** The script asks Slurm for SIGTERM before the time limit: then such a line in the log was approved. */
  readonly termAsked: boolean;
  /** The controller's facts about the job's nodes, if the job did not begin on them. */
  readonly nodeReasons: readonly string[];
  /** The end of the job's stderr. */
  readonly stderrTail: string | null;
  readonly timeLimitSeconds: number | null;
}

/** Slurm's facts besides the job's state. */
export interface Words {
  readonly daemon: DaemonWords;
  readonly run: RunStep;
  /** Lines of the log that report a cancel of the run. */
  readonly cancelled: readonly CancelledLine[];
}

export function wordsAbout(end: JobEnd, { stderrTail, runStep, termAsked }: EndContext): Words {
  const daemon = readDaemonWords(stderrTail, end.jobId, end.restarts);
  const run = runStepOf(runStep, end.steps);
  return {
    daemon,
    run,
    cancelled: daemon.cancelled.filter(({ step, because }) => isOfRun(run, step) && !(termAsked && because === null)),
  };
}

export type EndFinding = readonly [code: Code | null, message: string];
