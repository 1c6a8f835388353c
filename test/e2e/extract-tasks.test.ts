import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call } from '../support/contract.ts';
import { read, readJson } from '../support/project.ts';
import { SWEEP, sweepProject } from '../support/tasks/sweep-project.ts';

/** X15: results of a run with many tasks. */

const ANALYSIS = 'experiments/iter1/analysis/r1.json';

describe('autolab extract of a run with tasks', () => {
  it('has the mean of the best setting over its seeds, and statistics over all tasks', async () => {
    const root = sweepProject();
    const extracted = await call(root, ['extract']);
    expect(extracted, extracted.stderr).toMatchObject({
      status: 0,
      json: { outcome: 'ok', stage_after: 'update_docs', problems: [] },
    });
    expect(extracted.json['message']).toBe(
      'r1: accuracy is 0.816667 (the mean of 3 tasks with lr=0.01, the best of 2 settings), target met (0.376667 better than majority; the target is 0.1 better).',
    );
    const analysis = readJson(root, ANALYSIS);
    expect(analysis).toMatchObject({
      source: { file: 'experiments/iter1/runs/r1/artifacts.sha256' },
      metrics: [
        { name: 'accuracy', value: 0.816666666666667, mean_of: 3, pointer: '/accuracy' },
        { name: 'loss', value: 0.5, mean_of: 3 },
      ],
      tasks: {
        ...{ count: 6, completed: 6, unmeasured: 0, repetitions: ['seed'], value_of: 'best_setting', settings: 2 },
        metrics: [
          {
            ...{ name: 'accuracy', n: 6, mean: 0.763333333333333, min: 0.7, max: 0.83 },
            best: { index: 4, params: { lr: '0.01', seed: '1' }, value: 0.83 },
          },
          { name: 'loss', n: 6, min: 0.4, max: 0.9, best: null },
        ],
        best_setting: { params: { lr: '0.01' }, tasks: 3, n: 3, mean: 0.816666666666667 },
        by_setting: [{ params: { lr: '0.01' } }, { params: { lr: '0.1' }, mean: 0.71, standard_deviation: 0.01 }],
      },
    });
    const summary = read(root, 'experiments/iter1/summary.md');
    expect(summary).toContain(
      '- 6 of 6 tasks completed; the values are the mean of 3 tasks with lr=0.01, the best of 2',
    );
    expect(summary).toMatch(/- accuracy over 6 tasks: mean 0.763333, standard deviation 0.0\d+, from 0.7 to 0.83/);
    expect(summary).toContain('| accuracy | 0.816667 | maximize | 0.376667 better than majority (0.44) |');
    const before = read(root, ANALYSIS);
    expect((await call(root, ['extract', 'r1'])).status).toBe(0);
    expect(read(root, ANALYSIS)).toBe(before);
    expect((await call(root, ['document'])).status).toBe(0);
    expect(read(root, 'docs/results.md')).toContain('| accuracy | 0.816667 | +0.376667 (majority) | target met |');
  });

  it('names each task that lacks a metric, and counts without it', async () => {
    const made = SWEEP.map((task, index) =>
      index === 4 ? { ...task, metrics: '{"accuracy": NaN, "loss": 1}' } : task,
    );
    const root = sweepProject({ made });
    const { status, json } = await call(root, ['extract']);
    expect([status, json['problems']]).toEqual([
      0,
      [
        expect.objectContaining({
          ...{ file: 'experiments/iter1/runs/r1/tasks/4/metrics.json', pointer: '/accuracy', severity: 'warning' },
          message: 'the metric `accuracy` is NaN; it must be a finite number',
        }),
      ],
    ]);
    // The better setting is not whole: its mean may be good by luck.
    expect(readJson(root, ANALYSIS)).toMatchObject({
      tasks: {
        unmeasured: 1,
        best_setting: { params: { lr: '0.1' }, n: 3 },
        by_setting: [{ n: 3 }, { n: 2, tasks: 3 }],
      },
    });
  });

  it('fails if no task has the metric, or a file was changed', async () => {
    const nowhere = sweepProject({ made: SWEEP.map(({ params }) => ({ params, metrics: { acuracy: 1, loss: 2 } })) });
    expect(await call(nowhere, ['extract'])).toMatchObject({
      status: 10,
      json: { code: 'metrics.missing', message: expect.stringContaining('No task has the metric accuracy') as string },
    });
    const changed = sweepProject();
    writeFileSync(join(changed, 'experiments/iter1/runs/r1/tasks/5/metrics.json'), '{"accuracy": 1, "loss": 0}');
    const refused = await call(changed, ['extract']);
    expect(refused.json).toMatchObject({
      code: 'metrics.changed',
      problems: [{ file: 'experiments/iter1/runs/r1/tasks/5/metrics.json', code: 'file.changed' }],
    });
  });

  it('has the best task where nothing repeats', async () => {
    const root = sweepProject({
      made: SWEEP.map(({ params: { lr, seed }, ...task }) => ({ ...task, params: { lr: `${lr ?? ''}${seed ?? ''}` } })),
    });
    const extracted = await call(root, ['extract']);
    expect(extracted.json['message']).toContain('accuracy is 0.83 (those of the best task, 4: lr=0.011), target met');
    expect(readJson(root, ANALYSIS)).toMatchObject({
      tasks: { value_of: 'best_task', best_setting: null, by_setting: [] },
    });
  });
});
