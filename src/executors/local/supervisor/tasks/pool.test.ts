import { expect, test } from 'vitest';
import { isOver, nextPool, type Pool, type PoolAct, type PoolNews, poolOf } from './pool.ts';

/** Feeds news, and returns the last acts as words. */
function play(pool: Pool, ...news: readonly PoolNews[]): { readonly pool: Pool; readonly said: readonly string[] } {
  let now = pool;
  let acts: readonly PoolAct[] = [];
  for (const one of news) ({ pool: now, acts } = nextPool(now, one));
  return { pool: now, said: acts.map((act) => Object.values(act).join(' ')) };
}

const pool = (count: number, most: number, maxFailures: number | null = null): Pool =>
  poolOf({ count, most, maxFailures });
const START: PoolNews = { kind: 'start' };
const ready = (worker: number): PoolNews => ({ kind: 'ready', worker });
const began = (worker: number): PoolNews => ({ kind: 'began', worker });
const gone = (worker: number): PoolNews => ({ kind: 'gone', worker });
const ended = (worker: number, good: boolean | null = true): PoolNews => ({ kind: 'ended', worker, good });

test('one worker looks at data and environment before the others are started', () => {
  const first = play(pool(3, 2), START);
  expect(first.said).toEqual(['start 0']);
  const looking = play(first.pool, ready(0));
  expect(looking.said).toEqual(['look 0']);
  const begun = play(looking.pool, began(0));
  expect(begun.said).toEqual(['give 0 0', 'start 1']);
  const second = play(begun.pool, ready(1));
  expect(second.said).toEqual(['give 1 1']);
  const last = play(second.pool, ended(0));
  expect(last.said).toEqual(['give 0 2']);
  const left = play(last.pool, ended(1), gone(1), ended(0));
  expect(left.said).toEqual(['close 0']);
  expect([isOver(left.pool), isOver(play(left.pool, gone(0)).pool)]).toEqual([false, true]);
});

test('a first worker that fails is not replaced', () => {
  const { pool: after, said } = play(pool(3, 2), START, gone(0));
  expect([said, isOver(after)]).toEqual([[], true]);
});

test('nothing begins after so many failures, or a stop', () => {
  const failed = play(pool(9, 2, 2), START, ready(0), began(0), ended(0, false), ended(0, null), ended(0, false));
  expect(failed.said).toEqual(['stop max_failures', 'close 0']);
  const stopped = play(pool(9, 2), START, ready(0), began(0), { kind: 'stop', why: 'cancelled' }, ended(0));
  expect(stopped.said).toEqual(['close 0']);
});

test('a worker that dies at work is replaced, and its task is a failure', () => {
  const { pool: after, said } = play(pool(9, 1, 2), START, ready(0), began(0), gone(0));
  expect([said, after.failures, after.next]).toEqual([['start 1'], 1, 1]);
});

test('workers that die before their first task are replaced three times', () => {
  const begun = play(pool(9, 1), START, ready(0), began(0), gone(0));
  const { pool: after, said } = play(begun.pool, gone(1), gone(2), gone(3));
  expect([said, isOver(after), after.started]).toEqual([[], true, 4]);
});

test('no more workers are started than there are tasks for', () => {
  expect(play(pool(2, 50), START, ready(0), began(0)).said).toEqual(['give 0 0', 'start 1']);
});
