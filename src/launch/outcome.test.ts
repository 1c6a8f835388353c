import { describe, expect, it } from 'vitest';
import { consequenceOf, EXIT_STATUS, OUTCOMES, transitionFor, type EndCode } from './outcome.ts';

const at = (
  attempt: number,
  stage = 'launch',
): { stage: string; stage_attempt: number; max_stage_attempts: number } => ({
  stage,
  stage_attempt: attempt,
  max_stage_attempts: 3,
});

describe('transitionFor (R27)', () => {
  it('sends a completed run to extract_results and resets the counter', () => {
    expect(transitionFor('run.completed', at(2))).toMatchObject({
      outcome: 'completed',
      after: { stage: 'extract_results', stage_attempt: 0 },
    });
  });

  it.each([
    ['review.not_passed', 'implementation'],
    ['review.missing', 'implementation_review'],
    ['design.invalid', 'design'],
    ['host.conflict', 'design'],
    ['host.unresolved', 'launch'],
    ['host.probe_hung', 'launch'],
    ['local.failed', 'launch'],
    ['verify.failed', 'launch'],
  ] as const)('%s leads to %s and costs one attempt', (code, stage) => {
    expect(transitionFor(code, at(0))).toMatchObject({ outcome: 'needs_retry', after: { stage, stage_attempt: 1 } });
  });

  it('hands over to a person with the last attempt, wherever the code leads', () => {
    expect(transitionFor('local.failed', at(2))).toMatchObject({
      outcome: 'human_review',
      after: { stage: 'human_review', stage_attempt: 3 },
    });
    expect(transitionFor('design.invalid', at(2))).toMatchObject({
      outcome: 'human_review',
      after: { stage: 'human_review' },
    });
  });

  it('costs nothing where the contract says so', () => {
    for (const code of Object.keys(OUTCOMES) as EndCode[]) {
      const { outcome, costsAttempt } = consequenceOf(code);
      const exit = EXIT_STATUS[outcome];
      if ([0, 2, 12, 13, 14, 130].includes(exit) || code === 'run.cancelled')
        expect({ code, costsAttempt }).toEqual({ code, costsAttempt: false });
    }
  });

  it('leaves the stage alone after a cancel', () => {
    expect(transitionFor('run.cancelled', at(1))).toMatchObject({
      outcome: 'cancelled',
      after: { stage: 'launch', stage_attempt: 1 },
    });
  });
});
