import { livenessOf } from '../../platform/host.ts';
import type { Abandonable, DamagedRun, RecordedRun } from '../executor.ts';
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
    const living = describeLiving(livingProcesses(run.root, run.paths));
    if (living !== null) return no(`The run is alive: ${living.who}.`, `End it first: ${living.end}`);
    const evidence = "the run's claim no longer names its supervisor, and none of its processes is alive here";
    return { kind: 'yes', evidence };
  }
  const { pid, host, claimed_at: claimedAt } = owner.supervisor;
  const liveness = livenessOf(owner.supervisor);
  if (liveness === 'alive')
    return no(`The run is alive: its supervisor is process ${pid} here.`, 'Use: autolab cancel');
  if (liveness === 'dead') return no('The run is known to be dead.', 'Record it: autolab resume');
  return {
    kind: 'yes',
    evidence: `supervisor ${pid} on ${host}, claimed at ${claimedAt}, cannot be checked from here`,
  };
}

/** Living processes of the run forbid it, whatever is left of its record; without any, its kind is unknown. */
export function abandonableDamaged({ root, paths }: DamagedRun): Abandonable | null {
  const living = describeLiving(livingProcesses(root, paths));
  return living === null ? null : no(`The run is alive: ${living.who}.`, `Wait for its end, or end it: ${living.end}`);
}
