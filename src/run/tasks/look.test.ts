import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskExit } from '../../records/tasks/task-receipt.ts';
import { type TaskReceipts, type TaskStateNow, taskStateNow, TasksWatch } from './look.ts';

/** What the receipts of one task say of it while its run is open. */

const ENDED: TaskReceipts = { attempt: 0, started: true, exited: true, cancelled: false };
const EXIT: TaskExit = {
  ...{ attempt: 0, exit_code: 0, signal: null, ended_by: null, start_error: null, oom: null },
  ...{ started_at: 'then', ended_at: 'now', wall_seconds: 1, cpu_seconds: null, max_rss_bytes: null },
};
const TOLD = { exit_code: null, signal: 'SIGTERM', job_signal: 'SIGTERM' };

describe('the state of a task that has ended', () => {
  it.each<[what: string, exit: Partial<TaskExit>, names: Partial<TaskReceipts>, state: TaskStateNow]>([
    ['a request that it saw itself', { exit_code: null, ended_by: 'request' }, { cancelled: true }, 'cancelled'],
    ['a request that came as an order to Slurm first', TOLD, { cancelled: true }, 'cancelled'],
    [
      'a request, with an exit code of its own',
      { ...TOLD, exit_code: 5, signal: null },
      { cancelled: true },
      'cancelled',
    ],
    ['an order to Slurm without a request', TOLD, {}, 'failed'],
    ['itself, when the order came', { job_signal: 'SIGTERM' }, { cancelled: true }, 'completed'],
    ['a failure before the request', { exit_code: 3 }, { cancelled: true }, 'failed'],
    ['its time limit before the request', { ...TOLD, ended_by: 'time_limit' }, { cancelled: true }, 'failed'],
    ['an order, and then a second start', TOLD, { cancelled: true, attempt: 1 }, 'running'],
  ])('ended by %s', (_, exit, names, state) => {
    expect(taskStateNow({ ...ENDED, ...names }, { ...EXIT, ...exit })).toBe(state);
  });
});

it('takes the receipt of an end that is not whole for none, and looks again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'receipts '));
  const watch = new TasksWatch(folder, 3);
  const text = `${JSON.stringify(EXIT)}\n`;
  for (const name of ['claim.1.0', '1.started']) writeFileSync(join(folder, name), '{}\n');
  for (const length of [0, 1, text.length - 2]) {
    writeFileSync(join(folder, '1.exit'), text.slice(0, length));
    expect(watch.look()).toEqual({ count: 3, waiting: 2, running: 1, completed: 0, failed: 0, cancelled: 0 });
  }
  writeFileSync(join(folder, '1.exit'), text);
  expect(watch.look()).toMatchObject({ running: 0, completed: 1 });
  rmSync(folder, { recursive: true });
});
