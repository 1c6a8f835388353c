import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import { bootTime, judgeNode, showNodeArgv } from './node-report.ts';

// Output of 22.05.8 with `-o`, shortened: of a node before and after its first report to a restarted controller.
const node = (state: string, started: string): string =>
  `NodeName=n1 Arch=x86_64 NodeAddr=127.0.0.1 Version=22.05.8 State=${state} ThreadsPerCore=1 BootTime=None SlurmdStartTime=${started} LastBusyTime=2026-11-28T15:58:31+0000\n`;

describe('judgeNode', () => {
  it.each([
    ['that has reported', node('IDLE', '2026-11-28T15:53:57+0000'), 'reported'],
    ['that has reported, and was drained', node('IDLE+DRAIN', '2026-11-28T15:53:57+0000'), 'reported'],
    ['that has not yet', node('UNKNOWN', 'None'), 'silent'],
    ['that has not, and is called so', node('UNKNOWN+NOT_RESPONDING', 'None'), 'silent'],
    ['that was drained and has not yet', node('IDLE+DRAIN', 'None'), 'silent'],
    ['that has stopped to respond', node('IDLE+NOT_RESPONDING', '2026-11-28T15:53:57+0000'), 'silent'],
    ['that has stopped to respond, in short', node('DOWN*', '2026-11-28T15:53:57+0000'), 'silent'],
    ['that another one is', node('IDLE', '2026-11-28T15:53:57+0000').replace('n1', 'n11'), 'no_answer'],
  ])('a node %s', (_name, stdout, kind) => {
    expect(judgeNode(ran({ stdout }), 'n1').kind).toBe(kind);
  });
  it.each([
    ['not found', ran({ exitCode: 1, stdout: 'Node n1 not found\n' })],
    ['no controller', ran({ exitCode: 1, stderr: 'Unable to contact slurm controller (connect failure)\n' })],
    ['no answer in time', ran({ exitCode: null, timedOut: true })],
  ])('no answer: %s', (_name, facts) => {
    expect(judgeNode(facts, 'n1').kind).toBe('no_answer');
  });
  it('asks about names of nodes only: a job can write anything into its claim', () => {
    expect(showNodeArgv('gpu-01.cluster')).toEqual(['scontrol', 'show', 'node', 'gpu-01.cluster', '-o']);
    for (const name of ['', '-o', 'an unknown node', 'n[1-9]', 'n1,n2', 'n1\n']) expect(showNodeArgv(name)).toBeNull();
  });
});

describe('bootTime', () => {
  it('reads when the controller was started', () => {
    const stdout = 'Configuration data as of x\nBOOT_TIME               = 2026-11-28T15:54:47+0000\n';
    expect(bootTime(ran({ stdout }))).toBe('2026-11-28T15:54:47.000Z');
    expect(bootTime(ran({ stdout: 'ClusterName = a\n' }))).toBeNull();
    expect(bootTime(ran({ stdout, exitCode: 1 }))).toBeNull();
  });
});
