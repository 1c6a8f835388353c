import { describe, expect, it } from 'vitest';
import { type JudgeContext, judgeExit } from './judge.ts';
import type { Exit } from './receipt.ts';

const exit = (parts: Partial<Exit>): Exit => ({
  pid: 1,
  exit_code: null,
  signal: null,
  ended_by: null,
  start_error: null,
  started_at: null,
  ended_at: '2026-11-24T03:15:00.000Z',
  wall_seconds: 1,
  cpu_seconds: 1,
  max_rss_bytes: 1,
  samples: 1,
  usage_source: 'test',
  oom_kills: 0,
  oom_in_run: false,
  contained_by: 'session and environment',
  memory_limit_bytes: null,
  leftovers_ended: [],
  survivors: [],
  others_hidden: false,
  ...parts,
});
const nothing: JudgeContext = { codeChanged: null, cancelRequested: false, timeLimitSeconds: 60 };

describe('judgeExit', () => {
  it.each([
    ['a good end', { exit_code: 0 }, {}, null],
    ['an exit code', { exit_code: 3 }, {}, 'local.failed'],
    ['a signal', { signal: 'SIGSEGV' }, {}, 'local.signal'],
    ['a shell that passes a signal on', { exit_code: 139 }, {}, 'local.failed'],
    ['the time limit', { signal: 'SIGTERM', ended_by: 'time_limit' }, {}, 'local.timeout'],
    ['the time limit, met by exit code 0', { exit_code: 0, ended_by: 'time_limit' }, {}, 'local.timeout'],
    ['the OOM killer', { signal: 'SIGKILL', oom_kills: 1 }, {}, 'local.out_of_memory'],
    ['the OOM killer behind a shell', { exit_code: 137, oom_kills: 1 }, {}, 'local.out_of_memory'],
    ['the OOM killer in its own cgroup', { exit_code: 0, oom_kills: 1, oom_in_run: true }, {}, 'local.out_of_memory'],
    ['SIGKILL without the OOM killer', { signal: 'SIGKILL' }, {}, 'local.signal'],
    ['a cancel', { signal: 'SIGTERM', ended_by: 'request' }, { cancelRequested: true }, 'run.cancelled'],
    ['a cancel that came too late', { exit_code: 0 }, { cancelRequested: true }, null],
    ['a failure before the cancel', { exit_code: 1 }, { cancelRequested: true }, 'local.failed'],
    ['a signal to the supervisor', { signal: 'SIGTERM', ended_by: 'request' }, {}, 'local.terminated'],
    ['other code than was approved', { exit_code: 97 }, { codeChanged: ['a.py'] }, 'local.code_changed'],
    ['nothing to start', { start_error: 'bash could not be started' }, {}, 'local.start_failed'],
  ] as const)('%s', (_name, facts, context, code) => {
    expect(judgeExit(exit(facts), { ...nothing, ...context }).code).toBe(code);
  });

  it('names the limit that the kernel enforced', () => {
    const facts = { exit_code: 0, oom_kills: 2, oom_in_run: true, memory_limit_bytes: 512 * 1024 * 1024 };
    expect(judgeExit(exit(facts), nothing).message).toBe(
      'The run ended with exit code 0, and the kernel killed 2 of its processes: out of memory, with a limit of 512 MB.',
    );
  });

  it('names what could not be ended', () => {
    const { evidence } = judgeExit(exit({ exit_code: 0, survivors: ['sleep (9), which did not end'] }), nothing);
    expect(evidence).toContain('still alive after the run: sleep (9), which did not end');
  });

  it('shows a conflict instead of smoothing it over (X5)', () => {
    const verdict = judgeExit(exit({ exit_code: 0, oom_kills: 2 }), nothing);
    expect(verdict.code).toBeNull();
    expect(verdict.evidence.join('\n')).toMatch(/2 out-of-memory kill\(s\).*exit code is 0 nevertheless/);
  });
});
