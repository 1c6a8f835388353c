import type { Ownership } from './scope.ts';

/** What an agent changed that is not its own, as the record and the result say it. */

export interface OutsideChange {
  /** Relative to the project. */
  readonly path: string;
  readonly what: 'changed' | 'made' | 'removed' | 'mode' | 'moved' | 'leads_out' | 'not_comparable';
  /** Whose it is: autolab's, of a closed experiment, or outside of the edit scope. */
  readonly of: Exclude<Ownership, 'free'> | 'scope';
  readonly put_back: boolean;
  /** Why it could not be put back. */
  readonly reason: string | null;
}
