import type { DriverControl } from '../launch/control.ts';

/** Ctrl-C and its relatives. The first asks the driver, the second leaves at once; the journal makes that safe. */

export interface Interrupts {
  /** From here on there is a run that goes on by itself. */
  readonly runBegan: () => void;
  readonly stop: () => void;
}

const LEAVE_STATUS = 130;

export function onInterrupt(control: DriverControl, interrupt: 'cancel' | 'detach'): Interrupts {
  let began = false;
  let asked = false;
  const leave = (message: string): void => {
    process.stderr.write(`\n${message}\n`);
    process.exit(LEAVE_STATUS);
  };
  const onSigint = (): void => {
    if (!began) leave('Interrupted; no run was begun by this call.');
    else if (asked) leave('Left at once. Go on with: autolab resume. Stop the run with: autolab cancel');
    else {
      asked = true;
      if (interrupt === 'cancel') control.requestCancel('Ctrl-C');
      else control.requestDetach();
    }
  };
  // A closed terminal or a shutdown is no wish to stop the run.
  const onLeave = (): void => {
    if (began) control.requestDetach();
    else process.exit(LEAVE_STATUS);
  };
  process.on('SIGINT', onSigint);
  process.on('SIGTERM', onLeave);
  process.on('SIGHUP', onLeave);
  return {
    runBegan: () => {
      began = true;
    },
    stop: () => {
      process.off('SIGINT', onSigint);
      process.off('SIGTERM', onLeave);
      process.off('SIGHUP', onLeave);
    },
  };
}
