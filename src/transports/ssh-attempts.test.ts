import { describe, expect, it } from 'vitest';
import { type Attempts, MOST_CONNECTIONS, nextAttempt, NO_ATTEMPTS } from './ssh-attempts.ts';

describe('after a command that has not begun', () => {
  it('a connection that is gone is made anew at once, and counted', () => {
    expect(nextAttempt(NO_ATTEMPTS, 'no_connection', 50)).toEqual({
      attempts: { ...NO_ATTEMPTS, broken: 1 },
      renew: 'gone',
      waitMs: 0,
    });
  });

  it('a missing program is waited for a little, on the same connection', () => {
    expect(nextAttempt(NO_ATTEMPTS, 'no_program', 50)).toEqual({
      attempts: { ...NO_ATTEMPTS, broken: 1 },
      renew: null,
      waitMs: 100,
    });
  });

  it('a refused session is asked for again for ten seconds, then on another connection', () => {
    const first = nextAttempt(NO_ATTEMPTS, 'no_session', 500);
    expect(first).toEqual({ attempts: { ...NO_ATTEMPTS, withoutSession: 500 }, renew: null, waitMs: 100 });
    expect(nextAttempt(first.attempts, 'no_session', 10_500)).toEqual(first);
    expect(nextAttempt(first.attempts, 'no_session', 10_501)).toEqual({
      attempts: { ...NO_ATTEMPTS, ownConnections: 1 },
      renew: 'silent',
      waitMs: 0,
    });
  });

  it('it makes no more than four connections of its own, and asks more seldom from then on', () => {
    const spent: Attempts = { broken: 0, withoutSession: 0, ownConnections: MOST_CONNECTIONS };
    expect(nextAttempt(spent, 'no_session', 60_000)).toEqual({ attempts: spent, renew: null, waitMs: 1000 });
  });
});
