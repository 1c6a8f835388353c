import { monotonicMs } from '../../../platform/time.ts';

/** setTimeout ends at 2^31 ms, which is less than a month. */
export function setLongTimeout(action: () => void, ms: number): { cancel: () => void } {
  const deadline = monotonicMs() + ms;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const rest = deadline - monotonicMs();
    timer = setTimeout(rest > 2_000_000_000 ? arm : action, Math.max(0, Math.min(rest, 2_000_000_000)));
  };
  arm();
  return {
    cancel: () => {
      clearTimeout(timer);
    },
  };
}
