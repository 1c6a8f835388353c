import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { edit, read } from '../support/project.ts';
import { SWEEP, sweepProject } from '../support/tasks/sweep-project.ts';
import { type MadeTask, TASK_METRICS, writeTasksRun } from '../support/tasks/task-records.ts';

/** Runs with many tasks, looked at: X15. */

const PAGE = 'experiments/iter1/runs/r1/report.html';

describe('autolab report of a run with tasks', () => {
  it('makes the same page from the same record, and knows when it is another one', async () => {
    const root = sweepProject();
    expect((await call(root, ['report', 'r1'])).status).toBe(0);
    const page = read(root, PAGE);
    expect(page).toContain('6 of 6 tasks completed.');
    expect(page).toContain('These values are the mean of 3 tasks with lr=0.01, the best of 2 settings.');
    expect((await call(root, ['report', 'r1', '--check'])).status).toBe(0);
    edit(root, 'experiments/iter1/runs/r1/tasks_result.jsonl', (text) => text.replace('"completed"', '"failed"'));
    expect(await call(root, ['report', 'r1', '--check'])).toMatchObject({
      status: 10,
      json: { code: 'report.differs' },
    });
  });

  it('has a row with its tasks among all runs', async () => {
    const root = sweepProject();
    expect((await autolab(root, ['report', '--all'])).status).toBe(0);
    expect(read(root, 'experiments/report.html')).toMatch(/>6 of 6 tasks<[^]*0\.81667/);
    const { json } = await call(root, ['runs', '--all']);
    expect(json['runs']).toMatchObject([{ run_id: 'r1', metric: { name: 'accuracy', value: 0.816666666666667 } }]);
  });
});

describe('other looks at runs with tasks', () => {
  it('show has their states, statistics, and what the metrics of the run are', async () => {
    const root = sweepProject();
    const { json } = await call(root, ['show', 'r1']);
    expect(json['run']).toMatchObject({
      tasks: {
        ...{ count: 6, by_state: { completed: 6 }, values: 'the mean of 3 tasks with lr=0.01, the best of 2 settings' },
        statistics: [
          { name: 'accuracy', n: 6, best: { index: 4, params: { lr: '0.01', seed: '1' } } },
          { name: 'loss' },
        ],
      },
    });
    const { stdout } = await autolab(root, ['show', 'r1']);
    expect(stdout).toContain('tasks      6: 6 completed');
    expect(stdout).toContain('metrics: the mean of 3 tasks with lr=0.01, the best of 2 settings\n');
    expect(stdout).toMatch(/accuracy of 6: mean 0\.76333 ± 0\.\d+, 0\.7 to 0\.83\n +best task 4: lr=0\.01 seed=1\n/);
  });

  it('compare has what differs in tasks, their ends and statistics', async () => {
    const root = sweepProject();
    const made = SWEEP.slice(0, 5).map((task, index): MadeTask => (index === 0 ? { ...task, state: 'failed' } : task));
    writeTasksRun(root, made, { runId: 'r2', metrics: TASK_METRICS, opened: { run_id: 'r2' } });
    const { json } = await call(root, ['compare', 'r1', 'r2']);
    expect(json['differences']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ group: 'design', pointer: '/tasks/count', values: [6, 5] }),
        expect.objectContaining({ group: 'end', pointer: '/tasks/failed', values: [null, 1] }),
      ]),
    );
    expect(json['metrics']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'accuracy, number of all tasks', values: [6, 4], delta: -2 }),
        expect.objectContaining({ name: 'accuracy, largest of all tasks', values: [0.83, 0.83], delta: 0 }),
      ]),
    );
  });
});
