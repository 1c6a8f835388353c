import type { NotStarted } from './ssh-words.ts';

/** The next attempt after one whose command is known not to have begun. Pure. */

/**
 * If a shared connection gives no session for this long, autolab makes its own. A busy host closes the sessions of
 * commands that have ended late: that passes.
 */
const SESSION_MS = 10_000;
export const MOST_CONNECTIONS = 4;

export interface Attempts {
  /** How often the connection broke, or the program that runs commands was missing. */
  readonly broken: number;
  /** When the host first gave no session, in milliseconds since the command was requested; null if it gave one. */
  readonly withoutSession: number | null;
  /** How many connections were made because an existing one gave no session. */
  readonly ownConnections: number;
}

export const NO_ATTEMPTS: Attempts = { broken: 0, withoutSession: null, ownConnections: 0 };

interface Next {
  readonly attempts: Attempts;
  /** How the connection is abandoned before the next attempt; null if it is used again. */
  readonly renew: 'gone' | 'silent' | null;
  readonly waitMs: number;
}

/** `passedMs`: since the command was requested. */
export function nextAttempt(was: Attempts, answer: NotStarted | 'no_program', passedMs: number): Next {
  const broken = was.broken + 1;
  if (answer === 'no_connection') return { attempts: { ...was, broken }, renew: 'gone', waitMs: 0 };
  if (answer === 'no_program') return { attempts: { ...was, broken }, renew: null, waitMs: 100 };
  const withoutSession = was.withoutSession ?? passedMs;
  const mayConnect = was.ownConnections < MOST_CONNECTIONS;
  if (passedMs - withoutSession <= SESSION_MS || !mayConnect)
    return { attempts: { ...was, withoutSession }, renew: null, waitMs: mayConnect ? 100 : 1000 };
  const ownConnections = was.ownConnections + 1;
  return { attempts: { ...was, withoutSession: null, ownConnections }, renew: 'silent', waitMs: 0 };
}
