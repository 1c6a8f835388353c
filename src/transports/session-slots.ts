import { sleep } from '../platform/time.ts';

/**
 * The number of concurrent sessions: sshd allows 10 on a connection (MaxSessions); some are left for programs that use
 * the connection without autolab.
 */
const MOST_SESSIONS = 7;

export interface Slots {
  /** Returns false if there was no slot within the time. */
  readonly take: (boundMs: number, signal: AbortSignal | undefined) => Promise<boolean>;
  readonly give: () => void;
}

export function sessionSlots(): Slots {
  let free = MOST_SESSIONS;
  const waiting: (() => void)[] = [];
  const give = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    give,
    take: async (boundMs, signal) => {
      if (free > 0) {
        free -= 1;
        return true;
      }
      const control = new AbortController();
      let got = false;
      const mine = (): void => {
        got = true;
        control.abort();
      };
      waiting.push(mine);
      await sleep(boundMs, AbortSignal.any([control.signal, ...(signal === undefined ? [] : [signal])]));
      const at = waiting.indexOf(mine);
      if (at >= 0) waiting.splice(at, 1);
      return got;
    },
  };
}
