import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { edit, read } from '../support/project.ts';
import { sweepProject } from '../support/tasks/sweep-project.ts';

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
