import { describe, expect, it } from 'vitest';
import { CATALOG, type Code } from '../../errors/catalog.ts';
import type { TaskEnd } from '../../records/tasks/task-end.ts';
import { wordsOfCode } from './code-words.ts';
import { judgeTasks } from './verdict.ts';

const ENDED: Omit<TaskEnd, 'index' | 'state' | 'code'> = {
  ...{ message: null, attempts: 1, owner: 'local', node: 'n1', exit_code: 0, signal: null },
  ...{ started_at: null, ended_at: null, wall_seconds: null, cpu_seconds: null, max_rss_bytes: null },
};

function ends(codes: readonly (Code | null)[]): readonly TaskEnd[] {
  return codes.map((code, index) => ({ ...ENDED, index, code, state: code === null ? 'completed' : 'failed' }));
}

describe('what the tasks mean for their run', () => {
  it('is said in words, and equal words once', () => {
    const codes = [null, 'local.timeout', 'local.failed', 'local.timeout', 'tasks.not_started'] as const;
    expect(judgeTasks(ends(codes), false)).toEqual({
      code: 'tasks.failed',
      message: '1 of 5 tasks completed; 2 reached the time limit, 1 failed, 1 not started.',
    });
    expect(judgeTasks(ends(['slurm.end_unknown', 'tasks.end_unknown', null]), false)).toEqual({
      code: 'tasks.unfinished',
      message: '1 of 3 tasks completed; 2 with an unknown end.',
    });
    expect(judgeTasks(ends(['run.cancelled', null]), true).message).toBe(
      'The run was cancelled: 1 of 2 tasks completed; 1 cancelled.',
    );
    expect(judgeTasks(ends([null, null]), false)).toEqual({ code: null, message: 'All 2 tasks completed.' });
  });

  it.each(Object.keys(CATALOG).filter((code) => /^(?:local|slurm)\./.test(code)))('has words for %s', (code) => {
    expect(wordsOfCode(code as Code)).not.toMatch(/[._]/);
  });
});
