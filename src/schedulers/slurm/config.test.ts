import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import { judgeClusterName, killWaitSeconds } from './config.ts';

describe('judgeClusterName', () => {
  // Slurm 22.05.8
  it('reads the name', () => {
    const stdout =
      'Configuration data as of 2026-11-24T11:00:00\nCliFilterPlugins        = (null)\nClusterName             = alpha\n';
    expect(judgeClusterName(ran({ stdout }))).toEqual({ kind: 'named', name: 'alpha' });
  });
  it('takes a failed answer for none', () => {
    const stderr = 'slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n';
    expect(judgeClusterName(ran({ exitCode: 1, stderr })).kind).toBe('no_answer');
    expect(judgeClusterName(ran({ stdout: 'hello\n' })).kind).toBe('no_answer');
  });
  it('takes no other setting for the name where there is none', () => {
    expect(judgeClusterName(ran({ stdout: 'ClusterName =\nControlMachine = login1\n' })).kind).toBe('no_answer');
  });
});

describe('killWaitSeconds', () => {
  it.each([
    ['KillOnBadExit           = 0\nKillWait                = 30 sec\n', 30],
    ['KillWait                = 3 sec\n', 3],
    ['UnkillableStepTimeout   = 60 sec\n', null],
    ['KillWait                = (null)\n', null],
  ])('%j', (stdout, seconds) => {
    expect(killWaitSeconds(stdout)).toBe(seconds);
  });
});
