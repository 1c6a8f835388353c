import { describe, expect, it } from 'vitest';
import type { Looked } from '../../run/site.ts';
import type { QueueQuestion } from '../run-folder.ts';
import { type FarNews, type FarWatch, mayLook, nextFar, NOT_LOOKED, willBring } from './watch-far-state.ts';

const due = (dueMs: number): QueueQuestion => ({
  argv: ['squeue'],
  environment: { drop: [], keep: [], set: {} },
  dueMs,
});
const sent = (dueMs: number, nowMs = 0): FarNews => ({ kind: 'sent', question: due(dueMs), nowMs });
const came = (looked: Looked, nowMs = 0): FarNews => ({ kind: 'came', looked, nowMs });
const LOST: Looked = { kind: 'lost', lost: { kind: 'dropped', words: 'gone', began: true } };
const answer = { argv: ['squeue'], exitCode: 0, stdout: 'x', stderr: '', timedOut: false };
const after = (...news: readonly FarNews[]): FarWatch =>
  news.reduce((state, one) => nextFar(state, one).state, NOT_LOOKED);

describe('a look', () => {
  it('is under way until it comes, and no second one is sent', () => {
    expect(mayLook(NOT_LOOKED, 0)).toBe(true);
    expect(mayLook(after(sent(0)), 10)).toBe(false);
    expect(mayLook(after(sent(0), came({ kind: 'looked', answer: null })), 10)).toBe(true);
  });

  it('wakes whoever waits', () => {
    expect(nextFar(after(sent(0)), came({ kind: 'looked', answer: null })).actions).toEqual([{ kind: 'wake' }]);
    expect(nextFar(after(sent(0)), came({ kind: 'missing' })).actions).toEqual([{ kind: 'wake' }]);
  });

  it('into a folder that is not there is repeated after 5 s', () => {
    const state = after(sent(0), came({ kind: 'missing' }, 100));
    expect([mayLook(state, 5_099), mayLook(state, 5_100)]).toEqual([false, true]);
  });
});

describe('an answer', () => {
  it('is kept until it is taken, once', () => {
    const state = after(sent(0), came({ kind: 'looked', answer }));
    expect(state.answer).toBe(answer);
    expect(nextFar(state, { kind: 'taken' }).state.answer).toBeNull();
  });

  it('is not lost to a later look without one', () => {
    const state = after(sent(0), came({ kind: 'looked', answer }), sent(0), came({ kind: 'looked', answer: null }));
    expect(state.answer).toBe(answer);
  });

  it.each([
    ['that is due soon', after(sent(10_000)), 10_000, 5_000, true],
    ['that is due earlier than what was asked', after(sent(20_000)), 10_000, 5_000, false],
    ['that is due later than a look lasts', after(sent(26_000)), 26_000, 5_000, false],
    ['of a host that is away', after(sent(0), came(LOST), sent(10_000)), 10_000, 5_000, false],
    ['that was due long ago', after(sent(0)), 0, 60_000, false],
    ['without a look', NOT_LOOKED, 0, 0, false],
  ])('%s', (_, state, dueMs, nowMs, expected) => {
    expect(willBring(state, due(dueMs), nowMs)).toBe(expected);
  });
});

describe('a host that does not answer', () => {
  it('is reported once, and asked again after 1 s, 2 s, 4 s and at most 60 s', () => {
    let state = NOT_LOOKED;
    const waits: number[] = [];
    const told: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      state = nextFar(state, sent(0)).state;
      const step = nextFar(state, came(LOST));
      ({ state } = step);
      told.push(...step.actions.map(({ kind }) => kind));
      waits.push(state.notBeforeMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(told).toEqual(['lost']);
  });

  it('is reported when it answers again, and is asked as soon as ever', () => {
    const back = nextFar(
      after(sent(0), came(LOST), sent(0), came(LOST), sent(0)),
      came({ kind: 'looked', answer: null }),
    );
    expect(back.actions).toEqual([{ kind: 'back' }, { kind: 'wake' }]);
    expect(nextFar(back.state, came(LOST)).state.notBeforeMs).toBe(1_000);
  });
});
