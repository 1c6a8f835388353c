import type { JobStepEnd } from './job-end.ts';

/**
 * Which part of the job is the run. Pure. Other steps of a script do not count: if one of them is cancelled and the
 * script ends with 0, the run ended with 0.
 */
export type RunStep =
  /** The batch script runs the entrypoint itself. */
  | { readonly kind: 'batch' }
  /** `srun` runs it, as this step; null if it is not known which. */
  | { readonly kind: 'step'; readonly id: string | null };

export interface RunStepEvidence {
  /** The step that the job itself recorded, such as `7.0`; null if it recorded none. */
  readonly recorded: string | null;
  /** The script runs `srun` itself. */
  readonly bySrun: boolean;
}

/** Steps that `srun` starts have a number; `batch`, `extern` and `interactive` are Slurm's own. */
const NUMBERED = /^\d+\.\d+$/;

export function runStepOf({ recorded, bySrun }: RunStepEvidence, steps: readonly JobStepEnd[]): RunStep {
  if (recorded !== null) return { kind: 'step', id: recorded };
  if (!bySrun) return { kind: 'batch' };
  // The entrypoint is the script's last command: steps of an activation ended before it, steps of its tasks end before
  // them.
  const numbered = steps.filter(({ id }) => NUMBERED.test(id));
  const latest = numbered.reduce((most, { endedAt }) => ((endedAt ?? '') > most ? (endedAt ?? '') : most), '');
  const last = numbered.filter(({ endedAt }) => (endedAt ?? '') === latest);
  return { kind: 'step', id: last[0]?.id ?? null };
}

/** Whether a step, or the batch script (null), is the run. If its number is unknown, every step may be. */
export function isOfRun(run: RunStep, step: string | null): boolean {
  // A signal to the job as a whole also reaches the run.
  if (step === null || !NUMBERED.test(step)) return step === null;
  return run.kind === 'step' && (run.id === null || run.id === step);
}
