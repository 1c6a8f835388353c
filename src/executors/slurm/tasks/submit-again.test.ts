import { expect, test } from 'vitest';
import type { StepEnd } from '../../../run/step.ts';
import { type AfterVain, afterVain, type InVain, type VainFacts } from './submit-again.ts';

const AWAY: StepEnd = { kind: 'paused', code: 'slurm.unreachable', message: 'away' };
const FACTS: VainFacts = { chunk: 1, others: true, othersRun: true, calls: 1, before: null, nowMs: 1000 };

const failed = (code: 'slurm.refused' | 'slurm.submit_lost', message: string, retryable = false): StepEnd => ({
  ...{ kind: 'failed', code, message, retryable },
});
const since = (sinceMs: number, chunk = 1): InVain => ({ chunk, sinceMs, delay: { ms: 60_000, longestMs: 300_000 } });

const words = (next: AfterVain): string => {
  if (next.kind === 'again') return `again at ${next.atMs}`;
  return next.kind === 'give_up' ? `give up: ${next.message}` : next.kind;
};

test.each<readonly [string, StepEnd, Partial<VainFacts>, string]>([
  ['no answer', AWAY, {}, 'again at 16000'],
  ['no answer again', AWAY, { before: since(0) }, 'again at 61000'],
  ['no answer about another array before', AWAY, { before: since(0, 0) }, 'again at 16000'],
  ['the host is away', { ...AWAY, code: 'remote.lost' }, {}, 'again at 16000'],
  ['no answer about the only array', AWAY, { others: false }, 'end'],
  ['no answer for hours, and tasks run', AWAY, { before: since(0), nowMs: 36_000_000 }, 'again at 36060000'],
  ['the others ended a moment ago', AWAY, { othersRun: false, before: since(0), nowMs: 180_000 }, 'again at 240000'],
  ['the others ended long ago', AWAY, { othersRun: false, before: since(0), nowMs: 180_001 }, 'end'],
  ['sbatch was called too often', AWAY, { calls: 10 }, 'end'],
  ['the user leaves', { ...AWAY, code: 'interrupted' }, {}, 'end'],
  ['another cluster answers', { ...AWAY, code: 'slurm.other_cluster' }, {}, 'end'],
  ['the site refuses', failed('slurm.refused', 'Invalid qos specification'), {}, 'give up: Invalid qos specification'],
  ['the site refuses the only array', failed('slurm.refused', 'Invalid qos specification'), { others: false }, 'end'],
  ['the queue is full', failed('slurm.refused', 'AssocMaxSubmitJobLimit'), {}, 'full'],
  ['an id is missing', failed('slurm.submit_lost', 'no id'), {}, 'give up: no id'],
  ['the ledger is locked', failed('slurm.refused', 'locked', true), {}, 'end'],
])('an array that is not in the queue, when %s', (_, end, facts, wanted) => {
  expect(words(afterVain(end, { ...FACTS, ...facts }))).toBe(wanted);
});

test('the tries become rarer, at most every five minutes', () => {
  const times: number[] = [];
  let before: InVain | null = null;
  for (let nowMs = 0; times.length < 7;) {
    const next: AfterVain = afterVain(AWAY, { ...FACTS, before, nowMs });
    if (next.kind !== 'again') throw new Error(next.kind);
    times.push((next.atMs - nowMs) / 1000);
    before = next.inVain;
    nowMs = next.atMs;
  }
  expect(times).toEqual([15, 30, 60, 120, 240, 300, 300]);
  expect(before?.sinceMs).toBe(0);
});
