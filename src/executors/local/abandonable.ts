import { livenessOf, placeOfHolder } from '../../platform/host.ts';
import type { Abandonable, DamagedRun, RecordedRun } from '../executor.ts';
import { endLiving } from './end-living.ts';
import { exitIn, ownerOf } from './run-owner.ts';
import { describeLiving, livingProcesses } from './run-processes.ts';

const no = (message: string, hint: string): Abandonable => ({ kind: 'no', message, hint });

/** A run whose supervisor is on this host is not abandoned: it is cancelled, finished, or recorded as lost. */
export function abandonable(run: RecordedRun): Abandonable {
  const owner = ownerOf(run);
  if (owner.kind === 'unclaimed' || owner.kind === 'tombstone')
    return no('The run was not started.', 'Use: autolab cancel');
  if (exitIn(run.paths) !== null) return no('The run has ended and left its receipt.', 'Finish it: autolab resume');
  if (owner.kind === 'unknown') {
    const evidence = "the run's claim no longer names its supervisor, and none of its processes is alive here";
    return endingLiving(run) ?? { kind: 'yes', evidence };
  }
  const { pid, claimed_at: claimedAt } = owner.supervisor;
  const liveness = livenessOf(owner.supervisor);
  if (liveness === 'alive') {
    // It was asked to stop, and does not: a supervisor that hangs, or whose receipt cannot be written.
    const stuck = run.view.cancel === null ? null : endingLiving(run);
    return stuck ?? no(`The run is alive: its supervisor is process ${pid} here.`, 'Use: autolab cancel');
  }
  if (liveness === 'dead') return no('The run is known to be dead.', 'Record it: autolab resume');
  return {
    kind: 'yes',
    evidence: `supervisor ${pid} ${placeOfHolder(owner.supervisor)}, claimed at ${claimedAt}, cannot be checked from here`,
  };
}

/** Living processes are ended, whatever is left of its record; without any, its kind is unknown. */
export function abandonableDamaged({ root, paths }: DamagedRun): Abandonable | null {
  return endingLiving({ root, paths });
}

function endingLiving({ root, paths }: Pick<RecordedRun, 'root' | 'paths'>): Abandonable | null {
  const living = describeLiving(livingProcesses(root, paths));
  if (living === null) return null;
  return { kind: 'yes', evidence: `alive until then: ${living.who}`, endFirst: () => endLiving(root, paths) };
}
