import { describe, expect, it } from 'vitest';
import type { QueueAnswer } from '../../schedulers/slurm/queue.ts';
import {
  beganWaiting,
  cancelIsDue,
  completesTooLong,
  explanationOf,
  mayLeave,
  nextWait,
  outOfPatience,
  ownerIsDue,
  type QueueNews,
  type WaitNews,
  type WaitState,
  type WaitStep,
} from './wait-state.ts';

type Listed = Extract<QueueAnswer, { kind: 'listed' }>;

const JOB: Listed = {
  kind: 'listed',
  state: 'RUNNING',
  name: 'ours',
  reason: null,
  hopeless: false,
  held: false,
  startAt: null,
  elapsed: '0:10',
  nodes: 'n1',
};
const listed = (parts: Partial<Listed> = {}): Listed => ({ ...JOB, ...parts });
const GONE: QueueAnswer = { kind: 'gone', state: null };
const SILENT: QueueAnswer = { kind: 'no_answer', words: 'timed out' };
const PACE = { minSeconds: 5, maxSeconds: 300, jitter: 0, reads: [], now: '2026-01-01T00:00:00Z' };

function queue(answer: QueueAnswer, parts: Partial<QueueNews> = {}): QueueNews {
  const words = answer.kind === 'listed' ? answer.state : answer.kind;
  return {
    kind: 'queue',
    answer,
    submittedName: 'ours',
    words,
    why: null,
    askedMs: 900,
    nowMs: 1_000,
    pace: PACE,
    ...parts,
  };
}
const receipt = (text = 'r', nowMs = 1_000): WaitNews => ({ kind: 'receipt', text, nowMs });
const cancelled = (heard = true, nowMs = 1_000): WaitNews => ({ kind: 'cancelled', heard, nowMs });

function steps(...news: readonly WaitNews[]): WaitStep {
  return news.reduce<WaitStep>((step, one) => nextWait(step.state, one), { state: beganWaiting(0), actions: [] });
}
const after = (...news: readonly WaitNews[]): WaitState => steps(...news).state;
const kinds = (...news: readonly WaitNews[]): readonly string[] => steps(...news).actions.map(({ kind }) => kind);

describe('a job that is in the queue', () => {
  it('is reported when it changes, once', () => {
    expect(steps(queue(listed())).actions).toEqual([{ kind: 'tell', words: 'RUNNING' }]);
    expect(kinds(queue(listed()), queue(listed()))).toEqual([]);
  });

  it('is asked about more and more seldom: after 5, 15, 45 and at most 300 s', () => {
    const news = Array.from({ length: 7 }, () => queue(listed(), { nowMs: 0 }));
    const waits = news.map((_, index) => after(...news.slice(0, index + 1)).nextPollMs);
    expect(waits).toEqual([5_000, 15_000, 45_000, 135_000, 300_000, 300_000, 300_000]);
  });

  it('is believed gone by two empty answers in a row', () => {
    expect(kinds(queue(GONE))).toEqual(['tell']);
    expect(after(queue(GONE)).nextPollMs).toBe(4_000);
    expect(kinds(queue(GONE), queue(GONE))).toEqual(['left']);
    expect(kinds(queue(GONE), queue(listed()), queue(GONE))).toEqual(['tell']);
  });

  it.each<[string, readonly WaitNews[]]>([
    ['a receipt', [receipt()]],
    ['a cancel', [cancelled()]],
    ['COMPLETING', [queue(listed({ state: 'COMPLETING' }))]],
  ])('is believed gone by one empty answer after %s', (_, news) => {
    expect(kinds(...news, queue(GONE))).toContain('left');
  });

  it('is believed gone by one answer that has its last state, or knows no such job twice', () => {
    expect(kinds(queue({ kind: 'gone', state: 'FAILED' }))).toContain('left');
    expect(kinds(queue({ kind: 'unknown_job' }))).not.toContain('left');
    expect(kinds(queue({ kind: 'unknown_job' }), queue({ kind: 'other_job', name: 'x' }))).toContain('left');
  });
});

describe('a receipt', () => {
  it('makes the queue be asked at once, and quickly after that', () => {
    expect(after(receipt('r', 7_000))).toMatchObject({ nextPollMs: 7_000, soon: true, quick: 0, receipt: 'r' });
    const state = after(receipt('r', 0), queue(listed(), { nowMs: 0 }));
    expect(state).toMatchObject({ soon: true, quick: 1 });
    expect(state.nextPollMs).toBeLessThan(5_000);
  });

  it('that was seen before changes nothing; that of another start does', () => {
    const state = after(receipt('r', 0), queue(listed()));
    expect(nextWait(state, receipt('r', 9_000)).state).toBe(state);
    expect(nextWait(state, receipt('s', 9_000)).state).toMatchObject({ receipt: 's', quick: 0, nextPollMs: 9_000 });
  });

  it('is no reason to ask quickly forever', () => {
    const state = after(receipt(), ...Array.from({ length: 10 }, () => queue(listed())));
    expect(state.soon).toBe(false);
  });
});

describe('a queue that does not answer', () => {
  it('says nothing about the job, and the silence is counted from the first question', () => {
    const state = after(queue(listed()), queue(SILENT, { askedMs: 100 }), queue(SILENT, { askedMs: 500 }));
    expect(state).toMatchObject({ silentSinceMs: 100, told: 'RUNNING', gone: 0 });
    expect(kinds(queue(SILENT))).toEqual([]);
    expect([outOfPatience(state, 30_099), outOfPatience(state, 30_100)]).toEqual([false, true]);
  });

  it('is forgiven by an answer', () => {
    expect(after(queue(SILENT), queue(listed())).silentSinceMs).toBeNull();
  });

  it('keeps what it said before of a job that was gone', () => {
    expect(kinds(queue(GONE), queue(SILENT), queue(GONE))).toEqual(['left']);
  });
});

describe('a cancel', () => {
  it('is sent, and again after 60 s, or after 10 s if it was not answered', () => {
    expect(cancelIsDue(beganWaiting(0), 0)).toBe(true);
    expect([60_999, 61_000].map((at) => cancelIsDue(after(cancelled()), at))).toEqual([false, true]);
    expect([10_999, 11_000].map((at) => cancelIsDue(after(cancelled(false)), at))).toEqual([false, true]);
  });

  it('makes the queue be asked at once', () => {
    expect(after(queue(listed()), cancelled(true, 2_000))).toMatchObject({ nextPollMs: 2_000, soon: true });
  });

  it('by a name that the job has not any more is due again', () => {
    const state = after(cancelled(), queue(listed({ name: 'another' })));
    expect([state.name, cancelIsDue(state, 1_001)]).toEqual(['another', true]);
    expect(
      cancelIsDue(nextWait(nextWait(state, cancelled()).state, queue(listed({ name: 'another' }))).state, 1_001),
    ).toBe(false);
  });

  it('keeps a waiting job from being looked into', () => {
    expect(kinds(cancelled(), queue(listed({ state: 'PENDING' })))).toEqual(['tell']);
  });
});

describe('a job that waits', () => {
  const pending = listed({ state: 'PENDING', reason: 'Resources' });

  it('is looked into at each answer, until why it waits is known, and again after it ran', () => {
    expect(steps(queue(pending)).actions).toContainEqual({
      kind: 'look_at_waiting',
      name: 'ours',
      reason: 'Resources',
    });
    expect(after(queue(pending), { kind: 'waiting_looked_at', known: true }, queue(pending)).looked).toBe(true);
    expect(after({ kind: 'waiting_looked_at', known: true }, queue(listed())).looked).toBe(false);
  });

  it('that can never start is given back, and counts as cancelled then', () => {
    const news = queue(listed({ state: 'PENDING', reason: 'BadConstraints', hopeless: true }));
    expect(steps(news).actions).toContainEqual({ kind: 'give_back', reason: 'BadConstraints' });
    expect(after(news, { kind: 'given_back', nowMs: 5_000 }).cancelledMs).toBe(5_000);
  });

  it('has a reason that is found out once, and only while questions are left', () => {
    expect(explanationOf(beganWaiting(0), 'Priority', PACE)).toBeUndefined();
    expect(explanationOf(after({ kind: 'explained', reason: 'Priority', why: 'x' }), 'Priority', PACE)).toBe('x');
    expect(explanationOf(after({ kind: 'explained', reason: 'Priority', why: null }), 'Priority', PACE)).toBeNull();
    const reads = Array.from({ length: 15 }, () => PACE.now);
    expect(explanationOf(beganWaiting(0), 'Priority', { ...PACE, reads })).toBeNull();
  });

  it('keeps the last explanation for whoever leaves', () => {
    expect(after(queue(pending, { why: 'a limit' })).why).toBe('a limit');
  });
});

describe('a job that completes', () => {
  it('is taken as ended after 60 s, whatever the queue shows', () => {
    const completing = queue(listed({ state: 'COMPLETING' }), { nowMs: 1_000 });
    const state = after(completing, queue(listed({ state: 'COMPLETING' }), { nowMs: 50_000 }));
    expect([completesTooLong(state, 61_000), completesTooLong(state, 61_001)]).toEqual([false, true]);
    expect(completesTooLong(after(completing, queue(listed())), 99_999)).toBe(false);
  });
});

describe('another copy of the job', () => {
  it('is asked for after 0, 1, 2, 4, … polls', () => {
    let state = beganWaiting(0);
    const asked: number[] = [];
    for (let poll = 0; poll < 9; poll += 1) {
      if (ownerIsDue(state)) {
        asked.push(state.polls);
        ({ state } = nextWait(state, { kind: 'owner_asked' }));
      }
      ({ state } = nextWait(state, queue(listed())));
    }
    expect(asked).toEqual([0, 1, 2, 4, 8]);
  });

  it('that is followed starts with a clean sheet', () => {
    const state = after(queue(listed({ state: 'COMPLETING' })), cancelled(), queue(GONE), { kind: 'followed' });
    expect(state).toMatchObject({ gone: 0, completingSinceMs: null, cancelledMs: null, name: null });
  });
});

describe('a detached driver', () => {
  it('leaves after its first look at a job that runs', () => {
    expect(mayLeave(beganWaiting(0))).toBe(false);
    expect(mayLeave(after(queue(listed())))).toBe(true);
  });

  it('stays for the end that a receipt or an empty answer promises', () => {
    expect(mayLeave(after(queue(GONE)))).toBe(false);
    expect(mayLeave(after(receipt(), queue(listed())))).toBe(false);
  });

  it('leaves a job that was requeued after its receipt', () => {
    expect(mayLeave(after(receipt(), queue(listed()), queue(listed()), queue(listed())))).toBe(true);
  });
});
