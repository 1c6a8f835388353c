import { andMore } from '../platform/listing.ts';
import type { VerifierResult } from '../records/manifest-schema.ts';
import type { VerifySnapshot } from './snapshot.ts';

/** A verifier looks at a snapshot and at nothing else. Its name is in the table. */
export type Finding = Omit<VerifierResult, 'name'>;
export type Verifier = (snapshot: VerifySnapshot) => Finding;

/** How many results the end of a run adds to its manifest: of all verifiers but `projection`. */
export const VERIFIERS_RUN = 13;

/** More details do not help, and would swell the manifest. */
const MOST_DETAILS = 20;

export const passed = (message: string): Finding => ({ status: 'pass', message, details: [] });
/** It does not apply to this run, or cannot be judged yet. */
export const skipped = (message: string): Finding => ({ status: 'skip', message, details: [] });

export function failed(message: string, details: readonly string[] = []): Finding {
  return { status: 'fail', message, details: capped(details) };
}

/** Something that the user should know and that does not make the record wrong. */
export function warned(message: string, details: readonly string[] = []): Finding {
  return { status: 'warn', message, details: capped(details) };
}

function capped(details: readonly string[]): string[] {
  if (details.length <= MOST_DETAILS) return [...details];
  const shown = details.slice(0, MOST_DETAILS - 1);
  return [...shown, andMore(details.length - shown.length).trim()];
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
