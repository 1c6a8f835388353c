import { describe, expect, it } from 'vitest';
import { isOfTheJob, ofTheLauncher, ownFiles, wasSent } from './brought.ts';

const plain = ownFiles({ hasTasks: false, hasInputs: false, takenOver: new Set<number>() });
const tasks = ownFiles({ hasTasks: true, hasInputs: true, takenOver: new Set([3]) });

describe('what a job may have written', () => {
  it('is never a record of ours', () => {
    for (const path of [
      'journal.jsonl',
      'receipt/withheld.json',
      'receipt/inputs.sh',
      'logs/squeue.txt',
      'code.2.patch',
    ])
      expect([path, isOfTheJob(path, plain), isOfTheJob(path, tasks)]).toEqual([path, false, false]);
    for (const path of [
      'tasks.jsonl',
      'tasks_result.jsonl',
      'tasks_reused.jsonl',
      'receipt/task_ends.jsonl',
      'inputs.sha256',
    ])
      expect([path, isOfTheJob(path, tasks)]).toEqual([path, false]);
    expect(ofTheLauncher(true)).toContain('tasks_result.jsonl');
  });

  it('is an output in a run that has no such record', () => {
    for (const path of [
      'tasks.jsonl',
      'tasks_result.jsonl',
      'tasks/3/metrics.json',
      'inputs.sha256',
      'receipts/claim.3.0',
    ])
      expect([path, isOfTheJob(path, plain), wasSent(path, plain)]).toEqual([path, true, false]);
    expect(ofTheLauncher(false)).not.toContain('tasks_result.jsonl');
  });

  it('is nothing of a task that was taken over', () => {
    expect(['tasks/3/a', 'receipts/claim.3.0', 'receipts/3.exit'].map((path) => isOfTheJob(path, tasks))).toEqual([
      ...[false, false, false],
    ]);
    expect(['tasks/4/a', 'receipts/claim.4.0', 'tasks/13/b', 'x/3'].map((path) => isOfTheJob(path, tasks))).toEqual([
      ...[true, true, true, true],
    ]);
    expect(wasSent('receipts/claim.3.0', tasks)).toBe(true);
    expect(wasSent('receipts/claim.4.0', tasks)).toBe(false);
  });
});
