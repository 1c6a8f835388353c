import { readFileSync } from 'node:fs';

/** The door to the clock and to waiting. */

const shift = process.env['AUTOLAB_TEST_CLOCK'];

/**
 * Tests set the clock, also while a process runs: AUTOLAB_TEST_CLOCK names a file that holds the milliseconds to add.
 */
function shiftMs(): number {
  return shift === undefined ? 0 : Number(readFileSync(shift, 'utf8'));
}

/** Tests let a week pass in minutes: AUTOLAB_TEST_SPEED multiplies the speed of the clock and of all waiting. */
const speed = Number(process.env['AUTOLAB_TEST_SPEED'] ?? 1);
const began = Date.now();
/** Not of `performance`, for which Node loads ten modules of its own. */
const beganNs = process.hrtime.bigint();

/** Now, UTC, RFC 3339 with milliseconds and `Z`. */
export function now(): string {
  return new Date(began + (Date.now() - began) * speed + shiftMs()).toISOString();
}

/** Monotonic milliseconds; for durations, never for records. */
export function monotonicMs(): number {
  return machineMs() * speed;
}

/** The same by the machine's clock, whatever a test does to ours: for what other programs and hosts take. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() - beganNs) / 1e6;
}

/** Processor time of this process in milliseconds: what other programs take is not in it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** setTimeout, by this clock. */
export function after(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, ms / speed);
}

/** The same by the machine's clock: a bound for what other programs and hosts do, which a test does not make faster. */
export function afterOnMachine(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, ms);
}

/** Waits `ms`, or less if the signal fires; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
