import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPENED } from '../../../test/support/finished-run.ts';
import { composeTasksRun, type MadeTask } from '../../../test/support/tasks/task-records.ts';
import { parseTaskEnds } from '../../records/tasks/task-end.ts';
import { adviceOnTasks } from './advice.ts';
import { readTaskReceipt } from './look.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-advice-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const MIB = 1024 * 1024;
const killed = (peak: number | null): MadeTask => ({
  params: {},
  state: 'failed',
  code: 'slurm.out_of_memory',
  end: { max_rss_bytes: peak },
});
const late = (log: string): MadeTask => ({ params: {}, state: 'failed', code: 'local.timeout', stderr: log });

function advice(made: readonly MadeTask[], time: number | null = null) {
  const { view, ends } = composeTasksRun(made, {
    order: { time_seconds: time },
    opened: {
      resource_request: {
        ...OPENED.resource_request,
        time: '01:00:00',
        time_seconds: 3600,
        memory: '1G',
        memory_mb: 1024,
      },
    },
  });
  for (const [index, { stderr = '' }] of made.entries()) {
    mkdirSync(join(folder, `tasks/${index}`), { recursive: true });
    writeFileSync(join(folder, `tasks/${index}/stderr.log`), stderr);
  }
  return adviceOnTasks({ folder }, view, parseTaskEnds(ends) ?? []);
}

describe('adviceOnTasks', () => {
  it('gives as much memory as the one needs that needs most', () => {
    expect(advice([killed(null), killed(3000 * MIB), killed(2000 * MIB), { params: {} }])).toMatchObject([
      {
        pointer: '/compute/memory',
        current: '1G',
        suggested: '6G',
        why: expect.stringMatching(/^task 1, one of 3/) as string,
      },
    ]);
  });

  it('gives as much time as the slowest needs, by the logs that say it', () => {
    const made = [late('epoch 5/10\n'), late('no count'), late('epoch 2/10\n'), late('epoch 9/10\n')];
    expect(advice(made)).toMatchObject([
      { pointer: '/compute/time', suggested: '08:00:00', why: expect.stringMatching(/^task 2, one of 4/) as string },
    ]);
    expect(advice([late('no count')])).toMatchObject([
      { suggested: '02:00:00', why: expect.stringMatching(/^task 0 was stopped/) as string },
    ]);
  });

  it('names the limit of a task, if it has one of its own', () => {
    expect(advice([late('')], 60)).toMatchObject([
      { pointer: '/tasks/time', current: '00:01:00', suggested: '00:02:00' },
    ]);
  });

  it('says nothing if no task hit a limit', () => {
    expect(advice([{ params: {} }, { params: {}, state: 'failed' }])).toEqual([]);
  });
});

describe('readTaskReceipt', () => {
  it('takes a pipe, a folder and a large file for no receipt', () => {
    execFileSync('mkfifo', [join(folder, '0.exit')]);
    mkdirSync(join(folder, '1.exit'));
    writeFileSync(join(folder, '2.exit'), `{"attempt":0}${' '.repeat(70_000)}`);
    expect([0, 1, 2].map((index) => readTaskReceipt(folder, `${index}.exit`)?.trim() ?? null)).toEqual([
      null,
      null,
      '',
    ]);
  });
});
