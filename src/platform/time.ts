/** The door to the clock and to waiting. */

/** Now, UTC, RFC 3339 with milliseconds and `Z`. */
export function now(): string {
  return new Date().toISOString();
}

/** Milliseconds that only ever grow; for durations, never for records. */
export function monotonicMs(): number {
  return performance.now();
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
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
