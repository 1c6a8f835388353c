import type { Glyphs } from './glyphs.ts';

/** A share as a bar of that many columns; more than all of it is a full bar. Pure. */
export function bar(share: number, columns: number, { full, empty }: Glyphs): string {
  const kept = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  // Only what is complete looks complete, and what has begun looks begun.
  const filled = kept === 1 ? columns : Math.min(columns - 1, Math.max(kept > 0 ? 1 : 0, Math.round(kept * columns)));
  const count = Math.max(0, filled);
  return full.repeat(count) + empty.repeat(Math.max(0, columns - count));
}
