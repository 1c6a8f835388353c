import type { Place } from '../documents/positions.ts';

/** A broken rule about the options of a Slurm script. */

export interface RuleProblem extends Place {
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export function error(place: Place, message: string): RuleProblem {
  return { line: place.line, column: place.column, message, severity: 'error' };
}
