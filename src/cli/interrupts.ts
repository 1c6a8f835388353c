import { stopPrograms } from '../platform/process.ts';
import type { DriverControl } from '../run/control.ts';

/** Ctrl-C and its relatives. The first asks the driver, the second leaves at once; the journal makes that safe. */

export interface Interrupts {
  /** From here on there is a run that goes on by itself: in the foreground of this terminal, or in Slurm's queue. */
  readonly runBegan: (onInterrupt: 'cancel' | 'detach') => void;
  readonly stop: () => void;
}

const LEAVE_STATUS = 130;

/**
 * `interrupt` is what the person asked for; null: Ctrl-C stops a local run, and leaves a Slurm job alone. `tellLeft` prints
 * the result of a call that leaves at once.
 */
export function onInterrupt(
  control: DriverControl,
  interrupt: 'cancel' | 'detach' | null,
  tellLeft: (began: boolean) => void,
): Interrupts {
  let began = false;
  let onFirst = interrupt ?? 'cancel';
  let asked = false;
  const leaveNow = (): void => {
    stopPrograms();
    tellLeft(began);
    process.exit(LEAVE_STATUS);
  };
  // Before a run has begun, nothing is waited for but programs that look around: without them the call ends by itself.
  const giveUp = (): void => {
    stopPrograms();
    control.requestDetach();
  };
  const onSigint = (): void => {
    if (asked) leaveNow();
    asked = true;
    if (!began) giveUp();
    else if (onFirst === 'cancel') control.requestCancel('Ctrl-C');
    else control.requestDetach();
  };
  // A closed terminal or a shutdown is no wish to stop the run.
  const onLeave = (): void => {
    if (began) control.requestDetach();
    else if (asked) leaveNow();
    else {
      asked = true;
      giveUp();
    }
  };
  process.on('SIGINT', onSigint);
  process.on('SIGTERM', onLeave);
  process.on('SIGHUP', onLeave);
  return {
    runBegan: (ofRun) => {
      began = true;
      onFirst = interrupt ?? ofRun;
    },
    stop: () => {
      process.off('SIGINT', onSigint);
      process.off('SIGTERM', onLeave);
      process.off('SIGHUP', onLeave);
    },
  };
}
