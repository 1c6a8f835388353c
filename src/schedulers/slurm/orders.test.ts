import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import { judgeOrder } from './orders.ts';

describe('judgeOrder', () => {
  it.each([
    ['an order that was answered', ran({}), 'done'],
    ['a job that has ended', ran({ exitCode: 1, stderr: 'Job has already finished for job 1\n' }), 'failed'],
    ['an unknown job', ran({ exitCode: 1, stderr: 'slurm_suspend error: Invalid job id specified\n' }), 'failed'],
    [
      'a controller that was never reached',
      ran({ exitCode: 1, stderr: 'Unable to contact slurm controller (connect failure)\n' }),
      'failed',
    ],
    ['a client that is missing', ran({ exitCode: null, spawnError: 'ENOENT' }), 'failed'],
    [
      'a busy controller',
      ran({ exitCode: 1, stderr: 'slurm_update error: Socket timed out on send/recv operation\n' }),
      'unknown',
    ],
    ['a controller that stumbled', ran({ exitCode: 1, stderr: 'error: Unexpected message received\n' }), 'unknown'],
    [
      'a controller that died over it',
      ran({ exitCode: 1, stderr: 'Unable to contact slurm controller (receive failure)\n' }),
      'unknown',
    ],
    ['no answer in time', ran({ exitCode: null, timedOut: true }), 'unknown'],
    ['a client that was killed', ran({ exitCode: null, signal: 'SIGKILL' }), 'unknown'],
  ])('%s', (_name, facts, answer) => {
    expect(judgeOrder(facts)).toBe(answer);
  });

  it('distinguishes over ssh what was never sent from what may have been', () => {
    const silent = ran({ exitCode: null, timedOut: true });
    expect(judgeOrder({ ...silent, lost: { began: false } })).toBe('failed');
    expect(judgeOrder({ ...silent, lost: { began: true } })).toBe('unknown');
  });
});
