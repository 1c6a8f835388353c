import { describe, expect, it } from 'vitest';
import { compareMetrics } from './analysis.ts';
import type { Verdict } from './analysis-schema.ts';
import { suggest, type SuggestedBy, type SuggestFacts } from './suggest.ts';

const HYPOTHESIS = { id: 'h1', status: null, title: null, success_metric: 'loss', target_delta: -0.1 };

function analysis(runId: string, verdict: Verdict): SuggestedBy {
  const target =
    verdict === 'target_met' || verdict === 'target_missed'
      ? {
          ...{ metric: 'loss', target_delta: 0.1, baseline: 'old', delta: 0, met: verdict === 'target_met' },
          reason: 'equal to old; the target is 0.1 better',
        }
      : null;
  return { verdict, target, run: { run_id: runId } };
}

const suggested = (facts: Partial<SuggestFacts>): unknown => {
  const found = suggest({ analyses: [], runId: 'r2', repeatsLeft: null, others: [], ...facts });
  return found === null ? null : [found.command, ...found.reasons];
};

describe('suggest', () => {
  const met = analysis('r2', 'target_met');
  const missed = analysis('r2', 'target_missed');
  const before = analysis('r1', 'target_missed');

  it.each<[string, Partial<SuggestFacts>, unknown]>([
    ['nothing without an analysis of the last run', { analyses: [before] }, null],
    [
      'to stop if the target is met',
      { analyses: [before, met] },
      ['autolab decide stop --by WHO --note TEXT', 'target met: equal to old; the target is 0.1 better'],
    ],
    [
      'to design it again if it was missed once',
      { analyses: [missed] },
      [
        'autolab decide repeat --at design --by WHO --note TEXT',
        'target missed: equal to old; the target is 0.1 better',
        'it was tried once',
      ],
    ],
    [
      'another experiment if it was missed twice',
      { analyses: [before, missed], others: ["e'2"] },
      [
        "autolab decide next 'e'\\''2' --by WHO --note TEXT",
        'target missed: equal to old; the target is 0.1 better',
        '2 runs of the experiment ended so',
        "e'2 is open",
      ],
    ],
    [
      'to stop if it was missed twice and nothing else is open',
      { analyses: [before, missed] },
      [
        'autolab decide stop --by WHO --note TEXT',
        'target missed: equal to old; the target is 0.1 better',
        '2 runs of the experiment ended so',
        'no other experiment is open',
      ],
    ],
    [
      'no repetition that is not left',
      { analyses: [missed], repeatsLeft: 0, others: ['--force'] },
      [
        'autolab decide next --by WHO --note TEXT',
        'target missed: equal to old; the target is 0.1 better',
        'the iterations of the experiment are used up',
        '--force is open',
      ],
    ],
    [
      'to stop if there is nothing to compare with',
      { analyses: [analysis('r2', 'measured')] },
      ['autolab decide stop --by WHO --note TEXT', 'measured'],
    ],
  ])('suggests %s', (_, facts, expected) => {
    expect(suggested(facts)).toEqual(expected);
  });
});

describe('a target', () => {
  const judge = (
    value: number,
    target: number,
    mode: 'maximize' | 'minimize',
    ...baselines: readonly number[]
  ): unknown =>
    compareMetrics({
      metrics: { file: 'metrics.json', primary: { name: 'loss', mode }, others: [] },
      baselines: baselines.map((baseline, index) => ({ name: `b${index}`, value: baseline, others: {} })),
      hypothesis: { ...HYPOTHESIS, target_delta: target },
      found: new Map([['loss', { pointer: '/loss', value }]]),
    });

  it.each<[number, number, 'maximize' | 'minimize', readonly number[], unknown]>([
    [0.3, 0.1, 'maximize', [0.2], { met: true, delta: 0.1, baseline: 'b0' }],
    [0.3, 0.1, 'maximize', [0.1, 0.25], { met: false, delta: 0.05, baseline: 'b1' }],
    [0.3, -0.1, 'minimize', [0.4], { met: true, delta: 0.1, baseline: 'b0' }],
    [0.3, 0.1, 'minimize', [0.4], { met: true, delta: 0.1, baseline: 'b0' }],
    [0.3, 0.1, 'minimize', [0.2], { met: false, delta: -0.1, reason: '0.1 worse than b0; the target is 0.1 better' }],
    [0.19, -0.01, 'maximize', [0.2], { met: true, reason: '0.01 worse than b0; the target is at most 0.01 worse' }],
    [0.5, 0, 'maximize', [0.5], { met: true, delta: 0, reason: 'equal to b0; the target is 0 better' }],
    [
      0.5999999999,
      0.1,
      'maximize',
      [0.5],
      { met: false, reason: '0.0999999999 better than b0; the target is 0.1 better' },
    ],
    [0.5, 0.1, 'maximize', [], { met: null, reason: 'the design gives no baseline to compare with' }],
    [1.7e308, 0.1, 'maximize', [-1.7e308], { met: null, reason: 'the difference is too large for a number' }],
  ])('%d, %d better (%s) than %j', (value, target, mode, baselines, expected) => {
    expect(judge(value, target, mode, ...baselines)).toMatchObject({ target: expected });
  });
});
