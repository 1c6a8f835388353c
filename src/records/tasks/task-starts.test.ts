import { describe, expect, it } from 'vitest';
import type { TaskExit } from './task-receipt.ts';
import { measuredBy, NOTHING_MEASURED, startsOf } from './task-starts.ts';

const EXIT: TaskExit = {
  ...{ attempt: 0, exit_code: 3, signal: null, ended_by: null, start_error: null, oom: null },
  ...{ started_at: 'then', ended_at: 'now', wall_seconds: 1, cpu_seconds: 2, max_rss_bytes: 3 },
};
const UNBEGUN: TaskExit = { ...EXIT, exit_code: null, started_at: null, start_error: 'x' };

describe('startsOf', () => {
  it.each([
    ['nobody claimed it', { claims: 0 }, 0],
    ['a claim alone', { claims: 1 }, 0],
    ['a claim and a start', { claims: 1, started: true }, 1],
    ['a claim and a start that does not say of what', { claims: 1, started: true, startedAttempt: null }, 1],
    ['an end', { claims: 1, exit: EXIT }, 1],
    ['an end of what could not be started', { claims: 1, exit: UNBEGUN, started: false }, 0],
    ['a second claim, and the start before', { claims: 2, started: true, startedAttempt: 0 }, 1],
    ['a second claim, and a start that does not say of what', { claims: 2, started: true }, 1],
    ['a second start', { claims: 2, started: true, startedAttempt: 1 }, 2],
    ['a second end', { claims: 2, started: true, exit: { ...EXIT, attempt: 1 } }, 2],
    ['a second claim that could not be started', { claims: 2, started: true, exit: { ...UNBEGUN, attempt: 1 } }, 1],
  ])('%s', (_, facts, starts) => {
    expect(startsOf({ exit: null, started: false, startedAttempt: null, ...facts })).toBe(starts);
  });
});

describe('measuredBy', () => {
  it('has times and usage of what began, and of nothing else', () => {
    expect(measuredBy(EXIT)).toMatchObject({ exit_code: 3, started_at: 'then', wall_seconds: 1, max_rss_bytes: 3 });
    expect([measuredBy(UNBEGUN), measuredBy(null)]).toEqual([NOTHING_MEASURED, NOTHING_MEASURED]);
  });
});
