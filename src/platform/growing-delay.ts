/** A delay that doubles with each vain attempt, up to a limit: a value, and its next one. Pure. */
export interface GrowingDelay {
  readonly ms: number;
  readonly longestMs: number;
}

export function growingDelay(ms: number, longestMs: number): GrowingDelay {
  return { ms, longestMs };
}

export function grown({ ms, longestMs }: GrowingDelay): GrowingDelay {
  return { ms: Math.min(longestMs, 2 * ms), longestMs };
}
