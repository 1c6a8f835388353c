import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/project.ts';
import { composeTasksRun, type MadeTask, writeTasksRun } from '../../../test/support/tasks/task-records.ts';
import { TasksFiles } from './tasks-files.ts';

const made: readonly MadeTask[] = [
  { params: { lr: '0.1' } },
  { params: { lr: '0.2' }, state: 'failed', end: { ended_at: '2026-11-24T03:17:00.000Z' } },
  { params: { lr: '0.3' }, state: 'failed', end: { ended_at: '2026-11-24T03:16:00.000Z' } },
  { params: { lr: '0.4' }, state: 'cancelled' },
  { params: { lr: '0.5' }, state: 'not_started' },
  { params: { lr: '0.6' }, state: 'end_unknown' },
];

it('counts tasks by their receipts, and names those that failed, the last at the end', () => {
  const paths = writeTasksRun(temporaryFolder(), made, { closed: false });
  const order = composeTasksRun(made, { closed: false }).view.opened.tasks;
  if (order === undefined) throw new Error('The run has no tasks.');
  const files = new TasksFiles(paths, order);
  expect(files.look()).toEqual({
    now: { count: 6, waiting: 1, running: 1, completed: 1, failed: 2, cancelled: 1 },
    lines: ['task 2 failed, exit code 1: lr=0.3', 'task 1 failed, exit code 1: lr=0.2'],
    chosen: null,
  });
  rmSync(join(paths.folder, 'receipts/1.exit'));
  // A worker is about to write it.
  const receipt = readFileSync(join(paths.folder, 'receipts/2.exit'), 'utf8');
  for (const length of [0, 20]) {
    writeFileSync(join(paths.folder, 'receipts/5.exit'), receipt.slice(0, length));
    expect(files.look()).toEqual({
      now: { count: 6, waiting: 1, running: 2, completed: 1, failed: 1, cancelled: 1 },
      lines: ['task 2 failed, exit code 1: lr=0.3'],
      chosen: null,
    });
  }
  writeFileSync(join(paths.folder, 'receipts/5.exit'), receipt);
  expect(files.look()).toEqual({
    now: { count: 6, waiting: 1, running: 1, completed: 1, failed: 2, cancelled: 1 },
    lines: ['task 2 failed, exit code 1: lr=0.3', 'task 5 failed, exit code 1: lr=0.6'],
    chosen: null,
  });
  expect(new TasksFiles(paths, order, 2).look().chosen).toEqual({ index: 2, state: 'failed', params: { lr: '0.3' } });
  expect(new TasksFiles(paths, order, 4).look().chosen).toEqual({ index: 4, state: 'waiting', params: { lr: '0.5' } });
});
