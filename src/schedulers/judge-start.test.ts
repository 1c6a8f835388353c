import { describe, expect, it } from 'vitest';
import { readStart, type StartSign } from './entrypoint-start.ts';
import { judgeStart, type StartFacts } from './judge-start.ts';

const GOOD = { code: null, message: 'The job completed with exit code 0.', evidence: ['x'] };
const facts = (sign: StartSign, place: string | null = null): StartFacts => ({ sign, place, kind: 'slurm' });
const begunWith = (starts: { expected: number; begun: number } | null): StartSign => ({
  kind: 'begun',
  starts,
  exit_code: 0,
  signals: [],
});

describe('judgeStart', () => {
  it('lets a run pass that began as often as the design says', () => {
    expect(judgeStart(GOOD, facts(begunWith({ expected: 2, begun: 2 })))).toEqual(GOOD);
  });

  it.each([
    [
      'more often',
      begunWith({ expected: 2, begun: 8 }),
      'slurm.starts_differ',
      'The entrypoint began 8 times; the design asks for 2 times.',
    ],
    [
      'less often',
      begunWith({ expected: 2, begun: 1 }),
      'slurm.starts_differ',
      'The entrypoint began once; the design asks for 2 times.',
    ],
    [
      'nobody knows how often',
      begunWith(null),
      'slurm.starts_differ',
      'The entrypoint began, and how often was not counted.',
    ],
    [
      'never',
      { kind: 'left', exit_code: 0, line: null },
      'slurm.not_started',
      'The activation ended with status 0; the entrypoint was not started.',
    ],
    [
      'without a sign',
      { kind: 'none' },
      'slurm.not_started',
      'The script ended with status 0 and left no sign that the entrypoint began.',
    ],
  ] as const)('is no good end: %s', (_, sign, code, message) => {
    expect(judgeStart(GOOD, facts(sign))).toEqual({ code, message, evidence: ['x'] });
  });

  it.each([
    [
      'local',
      95,
      'local.start_failed',
      'receipt/entrypoint.json could not be written; the entrypoint was not started.',
    ],
    ['local', 3, 'local.not_started', 'The script ended with status 3 and left no sign that the entrypoint began.'],
    [
      'local',
      null,
      'local.not_started',
      'The script was ended by a signal and left no sign that the entrypoint began.',
    ],
    ['slurm', null, 'slurm.failed', 'The job ended with exit code 1. It left no sign that the entrypoint began.'],
  ] as const)('claims nothing of an entrypoint that left no sign (%s, %s)', (kind, status, code, message) => {
    const failed = {
      code: `${kind}.failed`,
      message: kind === 'local' ? 'The entrypoint ended with exit code 3.' : 'The job ended with exit code 1.',
      evidence: [],
    } as const;

    expect(judgeStart(failed, { sign: { kind: 'none' }, place: null, kind, status })).toEqual({
      code,
      message,
      evidence: [],
    });
  });

  it('takes the status of the entrypoint, whatever the script made of it', () => {
    const sign: StartSign = { kind: 'begun', starts: { expected: 1, begun: 1 }, exit_code: 1, signals: [] };

    expect(judgeStart(GOOD, facts(sign))).toEqual({
      code: 'slurm.failed',
      message: 'The entrypoint ended with exit code 1, and the script with 0.',
      evidence: ['x'],
    });
  });

  it.each([
    ['local', 'A signal ended the script before the entrypoint was started.'],
    ['slurm', 'The job was ended by X. The entrypoint was not started.'],
  ] as const)('names no line if a signal ended the activation (%s)', (kind, message) => {
    const ended = { code: `${kind}.signal`, message: 'The job was ended by X.', evidence: [] } as const;
    const sign: StartSign = { kind: 'left', exit_code: 0, line: 1 };

    expect(judgeStart(ended, { sign, place: 'line 1', kind })).toMatchObject({ code: `${kind}.signal`, message });
  });

  it('names the line of a failure, in place of a bare status', () => {
    const failed = { code: 'slurm.failed', message: 'The job ended with exit code 1.', evidence: [] } as const;
    const sign: StartSign = { kind: 'left', exit_code: 1, line: 70 };

    expect(judgeStart(failed, facts(sign, 'docs/environment.md, line 6: "false"'))).toMatchObject({
      code: 'slurm.not_started',
      message:
        'The activation ended with status 1 at docs/environment.md, line 6: "false"; the entrypoint was not started.',
    });
  });

  it.each(['slurm.timeout', 'slurm.cancelled', 'run.cancelled', 'slurm.code_changed', 'slurm.node_fail'] as const)(
    'leaves %s as it is',
    (code) => {
      const bad = { code, message: 'm', evidence: [] };

      expect(judgeStart(bad, facts({ kind: 'left', exit_code: 143, line: null }))).toEqual(bad);
      expect(judgeStart(bad, facts({ kind: 'none' }))).toEqual(bad);
      expect(judgeStart(bad, facts(begunWith({ expected: 2, begun: 1 })))).toEqual(bad);
    },
  );

  it('shows the signals that the script got', () => {
    const signals = [{ signal: 'SIGUSR1', at: '2026-11-24T10:00:00.000Z' }];
    const sign: StartSign = { kind: 'begun', starts: { expected: 1, begun: 1 }, exit_code: 0, signals };

    expect(judgeStart(GOOD, facts(sign)).evidence).toEqual(['x', 'the script got SIGUSR1 at 2026-11-24T10:00:00.000Z']);
  });
});

describe('readStart', () => {
  const at = '2026-11-24T10:00:00.000Z';
  const of = { job_id: '7', restart_count: 1 };
  const begun = {
    job_id: '7',
    restart_count: 1,
    began_at: at,
    starts: { expected: 1, begun: 1 },
    exit_code: 0,
    signals: [],
  };

  it('reads what the wrapper wrote of this start of this job', () => {
    expect(readStart(JSON.stringify(begun), null, of)).toMatchObject({
      kind: 'begun',
      starts: { expected: 1, begun: 1 },
    });
    expect(readStart(JSON.stringify({ ...begun, restart_count: 0 }), null, of)).toEqual({ kind: 'none' });
    expect(readStart(JSON.stringify({ ...begun, job_id: '8' }), null, of)).toEqual({ kind: 'none' });
    expect(readStart(JSON.stringify({ began_at: at }), null, null)).toMatchObject({
      kind: 'begun',
      starts: { begun: 1 },
    });
  });

  it('reads that the script ended before', () => {
    const left = JSON.stringify({ job_id: '7', restart_count: 1, exit_code: 2, line: 60 });

    expect(readStart(null, left, of)).toEqual({ kind: 'left', exit_code: 2, line: 60 });
    expect(readStart(JSON.stringify(begun), left, of).kind).toBe('begun');
  });

  it.each(['', '{', '{"began_at":"2026-'])('takes a file that is damaged (%j) for a start, and no more', (text) => {
    const damaged = { kind: 'begun', exit_code: null, signals: [] };
    expect(readStart(text, null, null)).toEqual({ ...damaged, starts: { expected: 1, begun: 1 } });
    expect(readStart(text, null, of)).toEqual({ ...damaged, starts: null });
  });

  it.each(['null', '[]', '{"began_at":1}', '{"began_at":"yesterday"}'])('takes %j for no sign', (text) => {
    expect(readStart(text, text, null)).toEqual({ kind: 'none' });
  });

  it('takes nothing else that a job may write', () => {
    const odd = {
      ...begun,
      starts: { expected: -1, begun: 'x' },
      signals: ['x', { signal: 'SIG; rm', at }, { signal: 'SIGTERM', at: 'x' }],
    };

    expect(readStart(JSON.stringify(odd), null, of)).toEqual({
      kind: 'begun',
      starts: null,
      exit_code: 0,
      signals: [],
    });
  });
});
