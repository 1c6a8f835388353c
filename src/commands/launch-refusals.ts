import { type Failure, failureOf } from '../errors/failure.ts';
import { quotePosix } from '../platform/quoting.ts';
import { CLAIM } from '../records/paths.ts';
import { type ActiveRun, claimIsCopied } from '../run/claim.ts';

/** Why a launch does not begin, before anything is read or written. */

/** The call was interrupted before it claimed a run. */
export function notBegun(): Failure {
  return failureOf('interrupted', {
    message: 'Interrupted; this call started no run and wrote nothing.',
    hint: 'Launch again: autolab launch',
  });
}

/** A claim without a run that was copied with its project: the original continues it, under the same name. */
export function copiedClaim(root: string, { claim, runId }: ActiveRun): Failure | null {
  if (claim === null || !claimIsCopied(root, claim)) return null;
  return failureOf('run.copied', {
    message: `The run ${runId} was begun in ${claim.project ?? ''}; this project is a copy of it.`,
    hint: 'Continue the run in the original project. To launch here, forget the run in this copy: autolab cancel',
  });
}

export function otherActive(run: ActiveRun): Failure {
  return failureOf('run.other_active', { message: `The run ${run.runId} of ${run.iterationId} is active.` });
}

/** Only a run that has ended says which of its tasks failed. */
export function openFirst(run: ActiveRun): Failure {
  return failureOf('run.other_active', {
    message: `The run ${run.runId} of ${run.iterationId} is active: which of its tasks fail is known when it has ended.`,
    hint: 'Finish it: `autolab resume`. Then: `autolab launch --failed-only`.',
  });
}

export function damagedClaim(): Failure {
  return failureOf('run.other_active', {
    message: `${CLAIM} cannot be read, and no open run shows which run it names.`,
    hint: `Inspect it. If no launch is in progress, delete it: rm ${CLAIM}`,
  });
}

export function severalOpen(runs: readonly ActiveRun[]): Failure {
  const names = runs.map((run) => `${run.iterationId}/${run.runId}`).join(', ');
  const [, other = runs[0]] = runs;
  const folder = `experiments/${other?.iterationId ?? ''}/runs/${other?.runId ?? ''}`;
  return failureOf('run.other_active', {
    message: `Several runs are open, and no claim says which one is active: ${names}.`,
    hint: `Restore .autolab/active_run.json from a backup, or move away each folder that is not the active run's, such as: mv ${quotePosix(folder)} ${quotePosix(`.autolab/${other?.runId ?? ''}.away`)}`,
  });
}
