import { stopPrograms } from '../platform/process.ts';
import { after } from '../platform/time.ts';

/** Ctrl-C and its relatives. The first interrupts the call, the second leaves at once; the journal makes that safe. */

export interface Interrupts {
  /** Ctrl-C: the call does what `--on-interrupt` says. */
  readonly signal: AbortSignal;
  /** A shutdown: the run is left running. */
  readonly detachSignal: AbortSignal;
  /** From here on there is a run that continues without this process. */
  readonly runBegan: () => void;
  readonly stop: () => void;
}

const LEAVE_STATUS = 130;

/** `printLeft` prints the result of a call that leaves at once. */
export function onInterrupt(printLeft: (began: boolean) => void): Interrupts {
  const interrupt = new AbortController();
  const detach = new AbortController();
  let began = false;
  let asked = false;
  const leaveNow = (): void => {
    stopPrograms();
    printLeft(began);
    process.exit(LEAVE_STATUS);
  };
  // Before a run has begun, the call waits for programs that look around, and for nothing else: it ends with them.
  const ask = (controller: AbortController): void => {
    asked = true;
    if (!began) stopPrograms();
    controller.abort('Ctrl-C');
  };
  const onSigint = (): void => {
    if (asked) leaveNow();
    ask(interrupt);
  };
  // A shutdown does not mean that the run shall stop.
  const onLeave = (): void => {
    if (began) detach.abort();
    else if (asked) leaveNow();
    else ask(detach);
  };
  process.on('SIGINT', onSigint);
  process.on('SIGTERM', onLeave);
  outliveTerminal();
  return {
    signal: interrupt.signal,
    detachSignal: detach.signal,
    runBegan: () => {
      began = true;
    },
    stop: () => {
      process.off('SIGINT', onSigint);
      process.off('SIGTERM', onLeave);
    },
  };
}

/**
 * A closed terminal, a lost ssh session: the call continues to its end without one, and its record says how it ended. So it
 * does under `nohup`, which cannot be told apart: Node.js resets signals that its parent ignored. Never undone: what is over
 * has its own exit status, also if it is hung up while it prints that.
 */
export function outliveTerminal(): void {
  process.off('SIGHUP', stay);
  process.on('SIGHUP', stay);
}

function stay(): void {
  /* There is no reader for what is printed from here on. */
}

/** For a call that only waits: Ctrl-C ends the waiting, and so does `end`. */
export function abortOnSigint(end?: AbortSignal): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  process.on('SIGINT', abort);
  end?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', abort);
      end?.removeEventListener('abort', abort);
    },
  };
}

/** For a service: every wish to end it ends it, and it says itself what continues. */
export function onLeave(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const leave = (): void => {
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, leave);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, leave);
    },
  };
}

/** Ends the process although something is at work still; it is crash-safe, or only reads. */
export function leaveSoon(ms: number): void {
  after(ms, () => {
    process.exit();
  }).unref();
}

/**
 * For a call that writes in one go at its end: until then every signal ends it, and the programs that it waits for. Returns
 * what undoes it.
 */
export function leaveOnSignal(printLeft: () => void): () => void {
  const leave = (): void => {
    stopPrograms();
    printLeft();
    process.exit(LEAVE_STATUS);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
  };
}
