/** Signals by number and by the words of strsignal(3), which `srun` prints. Pure. */

const SIGNALS: readonly (readonly [number: number, name: string, words: string])[] = [
  [1, 'SIGHUP', 'Hangup'],
  [2, 'SIGINT', 'Interrupt'],
  [3, 'SIGQUIT', 'Quit'],
  [4, 'SIGILL', 'Illegal instruction'],
  [6, 'SIGABRT', 'Aborted'],
  [7, 'SIGBUS', 'Bus error'],
  [8, 'SIGFPE', 'Floating point exception'],
  [9, 'SIGKILL', 'Killed'],
  [10, 'SIGUSR1', 'User defined signal 1'],
  [11, 'SIGSEGV', 'Segmentation fault'],
  [12, 'SIGUSR2', 'User defined signal 2'],
  [13, 'SIGPIPE', 'Broken pipe'],
  [15, 'SIGTERM', 'Terminated'],
  [24, 'SIGXCPU', 'CPU time limit exceeded'],
  [25, 'SIGXFSZ', 'File size limit exceeded'],
];

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(SIGNALS.map(([number, name]) => [number, name]));

/** By the words that `srun` prints. */
export const SIGNAL_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  SIGNALS.map(([number, , words]) => [words, number]),
);

export function signalName(number: number): string {
  const name = NAMES[number];
  return name === undefined ? `signal ${number}` : `signal ${number} (${name})`;
}

/** The signal that an exit status above 128 stands for in a shell; null if it stands for none. */
export function signalOfStatus(status: number): number | null {
  return status > 128 && NAMES[status - 128] !== undefined ? status - 128 : null;
}
