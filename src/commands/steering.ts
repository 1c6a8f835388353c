import type { Emit, LaunchEvent } from '../events/events.ts';
import { DriverControl } from '../run/control.ts';
import type { LaunchEnvironment } from '../run/session.ts';
import { abortSignal, callback, oneOf, type OptionRules } from './check-options.ts';
import type { ProjectRoot } from './verb.ts';

/** How a calling program follows a verb that drives a run, and how it stops it. */

/** Options of every verb that drives a run. */
export interface DrivingOptions {
  /** Gets each event as it happens. */
  readonly onEvent?: (event: LaunchEvent) => void;
  /**
   * Interrupts the call. Before the run has begun, nothing is written. After that `launch` and `resume` do what
   * `onInterrupt` says; `cancel` and `abandon` stop waiting. The result says what came of it (`interrupted`). A string as
   * the reason of the abort goes into the record as the one who cancelled.
   */
  readonly signal?: AbortSignal;
}

/** Options of `launch` and `resume` that steer the driver. */
export interface InterruptOptions extends DrivingOptions {
  /**
   * What an abort of `signal` does once the run has begun: `cancel` stops the run and records its end, `detach` leaves it
   * running. Default: null, `cancel` for a local run and `detach` for a job.
   */
  readonly onInterrupt?: 'cancel' | 'detach' | null;
  /** Interrupts the call and leaves the run running, whatever `onInterrupt` says. */
  readonly detachSignal?: AbortSignal;
}

export const DRIVING_RULES: OptionRules<DrivingOptions> = { onEvent: callback, signal: abortSignal };
export const INTERRUPT_RULES: OptionRules<InterruptOptions> = {
  ...DRIVING_RULES,
  onInterrupt: oneOf('cancel', 'detach', null),
  detachSignal: abortSignal,
};

export interface Steering {
  readonly env: LaunchEnvironment & { readonly control: DriverControl };
  /** Lets go of the signals. */
  readonly release: () => void;
}

export function wasInterrupted({ signal, detachSignal }: InterruptOptions): boolean {
  return signal?.aborted === true || detachSignal?.aborted === true;
}

/** For `launch` and `resume`. */
export function steerRun({ root }: ProjectRoot, command: string, options: InterruptOptions, emit: Emit): Steering {
  const control = new DriverControl();
  let began: LaunchEvent | null = null;
  const release = onAbort(options, control, () => {
    if (began?.type !== 'run' || (options.onInterrupt ?? began.on_interrupt) === 'detach') control.requestDetach();
    else control.requestCancel(byOf(options.signal));
  });
  const env = {
    root,
    control,
    command,
    emit: (event: LaunchEvent): void => {
      if (event.type === 'run') began = event;
      emit(event);
    },
  };
  return { env, release };
}

/** For verbs that wait for a run without starting one: an abort ends the waiting. */
export function steerWait({ root }: ProjectRoot, command: string, options: DrivingOptions, emit: Emit): Steering {
  const control = new DriverControl();
  const release = onAbort(options, control, () => {
    control.requestDetach();
  });
  return { env: { root, control, command, emit }, release };
}

function byOf(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return typeof reason === 'string' && reason.trim() !== '' ? reason : 'the calling program';
}

function onAbort(
  { signal, detachSignal }: InterruptOptions,
  control: DriverControl,
  interrupt: () => void,
): () => void {
  const detach = (): void => {
    control.requestDetach();
  };
  if (signal?.aborted === true) interrupt();
  if (detachSignal?.aborted === true) detach();
  signal?.addEventListener('abort', interrupt, { once: true });
  detachSignal?.addEventListener('abort', detach, { once: true });
  return () => {
    signal?.removeEventListener('abort', interrupt);
    detachSignal?.removeEventListener('abort', detach);
  };
}
