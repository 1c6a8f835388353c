import { describe, expect, it } from 'vitest';
import { CATALOG } from '../errors/catalog.ts';
import { OWNERS } from '../errors/owner.ts';
import { consequenceOf, type EndCode, EXIT_STATUS, OUTCOMES, transitionFor } from './outcome.ts';

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
    ['local.failed', 'launch'],
    ['slurm.timeout', 'launch'],
    ['slurm.cancelled', 'launch'],
    ['sync.failed', 'launch'],
    ['sync.send_failed', 'launch'],
    ['verify.failed', 'launch'],
  ] as const)('%s leads to %s and costs one attempt', (code, stage) => {
    expect(transitionFor(code, at(0))).toMatchObject({ outcome: 'needs_retry', after: { stage, stage_attempt: 1 } });
  });

  it.each([
    'host.unresolved',
    'host.probe_hung',
    'remote.unreachable',
    'remote.denied',
    'remote.tools',
    'git.dirty',
    'local.lost',
    'host.not_on_path',
    'host.setup_failed',
    'host.other_cluster',
    'slurm.not_run',
    'slurm.submit_lost',
    'slurm.node_fail',
    'slurm.preempted',
    'slurm.boot_fail',
  ] as const)('%s leaves the workflow at launch and costs no attempt (X14)', (code) => {
    expect(transitionFor(code, at(2))).toMatchObject({
      outcome: 'needs_retry',
      after: { stage: 'launch', stage_attempt: 2 },
    });
  });

  it('hands over to a reviewer with the last attempt, wherever the code leads', () => {
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

  it('charges the experiment alone, and failed transfers (X14, R21)', () => {
    for (const code of Object.keys(OUTCOMES) as EndCode[]) {
      const { outcome, owner, stage, costsAttempt } = consequenceOf(code);
      if (outcome !== 'needs_retry' || code === 'slurm.cancelled') continue;
      expect({ code, costsAttempt }).toEqual({
        code,
        costsAttempt: owner === 'experiment' || code.startsWith('sync.'),
      });
      // An approval that does not hold is to be given again, or is refused, and is nobody's failure.
      if (owner !== 'experiment' && !/^(review|approval)\./.test(code))
        expect({ code, stage }).toEqual({ code, stage: stage === 'same' ? 'same' : 'launch' });
    }
  });

  it('agrees with the catalogue about who can fix it', () => {
    for (const code of Object.keys(OUTCOMES) as EndCode[])
      expect({ code, blame: CATALOG[code].blame }).toEqual({ code, blame: OWNERS[consequenceOf(code).owner].blame });
  });

  it('leaves the stage alone after a cancel', () => {
    expect(transitionFor('run.cancelled', at(1))).toMatchObject({
      outcome: 'cancelled',
      after: { stage: 'launch', stage_attempt: 1 },
    });
  });
});
