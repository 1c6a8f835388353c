import { describe, expect, it } from 'vitest';
import { gridOf } from '../../../test/support/tasks/task-records.ts';
import { measureTasks, type TaskMeasures } from './measured-tasks.ts';
import { isRepetition, statisticsOf } from './task-statistics.ts';

describe('statistics', () => {
  it.each([
    [[], null],
    [[0.25], { n: 1, mean: 0.25, standard_deviation: null, min: 0.25, max: 0.25 }],
    [[0.1, 0.2, 0.3], { n: 3, mean: 0.2, standard_deviation: 0.1, min: 0.1, max: 0.3 }],
    [[2, 4, 4, 4, 5, 5, 7, 9], { n: 8, mean: 5, standard_deviation: 2.1380899352994, min: 2, max: 9 }],
    [[0.1, 0.1, 0.1], { n: 3, mean: 0.1, standard_deviation: 0, min: 0.1, max: 0.1 }],
    [[1e308, 1e308, -1e308], { n: 3, mean: null, standard_deviation: null, min: -1e308, max: 1e308 }],
    [[1e200, -1e200], { n: 2, mean: 0, standard_deviation: null, min: -1e200, max: 1e200 }],
  ])('of %j', (values, expected) => {
    expect(statisticsOf(values)).toEqual(expected);
  });

  it('knows parameters that only repeat a setting', () => {
    expect(['seed', 'data_seed', 'SEED', 'seeds', 'seedling', 'reseed', 'lr'].filter(isRepetition)).toEqual([
      'seed',
      'data_seed',
      'SEED',
    ]);
  });
});

type Values = Readonly<Record<string, number>> | null;

function measures(axes: Readonly<Record<string, readonly string[]>>, values: readonly Values[]): TaskMeasures {
  return {
    names: Object.keys(axes),
    tasks: gridOf(axes).map((params, index) => ({
      ...{ index, params },
      values: new Map(
        Object.entries(values[index] ?? {}).map(([name, value]) => [name, { pointer: `/${name}`, value }]),
      ),
    })),
    primary: { name: 'loss', mode: 'minimize' },
    metrics: ['loss', 'accuracy'],
  };
}

const SEEDS = { lr: ['0.1', '0.01'], seed: ['0', '1'] };
const both = (loss: number, accuracy: number): Values => ({ loss, accuracy });

describe('what a run with tasks measured', () => {
  it('is the mean of the best setting over its seeds, of every metric', () => {
    const measured = measureTasks(measures(SEEDS, [both(0.1, 0.9), both(0.5, 0.8), both(0.2, 0.7), both(0.3, 0.6)]));
    expect(measured).toMatchObject({ repetitions: ['seed'], valueOf: 'best_setting' });
    expect(measured.best).toMatchObject({ params: { lr: '0.01' }, indices: [2, 3], statistics: { mean: 0.25 } });
    expect([...measured.values].map(([name, { value }]) => [name, value])).toEqual([
      ['loss', 0.25],
      ['accuracy', 0.65],
    ]);
    expect(measured.metrics[0]).toMatchObject({ name: 'loss', statistics: { n: 4 }, best: { index: 0, value: 0.1 } });
    expect(measured.metrics[1]).toMatchObject({ name: 'accuracy', best: null });
  });

  it('is not that of a setting whose bad seeds left nothing', () => {
    const measured = measureTasks(measures(SEEDS, [both(0.1, 1), null, both(0.2, 1), both(0.3, 1)]));
    expect(measured.settings.map(({ params }) => params['lr'])).toEqual(['0.01', '0.1']);
    const partly = measureTasks(measures(SEEDS, [both(0.1, 1), null, both(0.2, 1), null]));
    expect(partly.best).toMatchObject({ params: { lr: '0.1' }, statistics: { n: 1 }, indices: [0, 1] });
  });

  it('is the best task without seeds, or with one seed', () => {
    const values = [both(0.3, 0.5), both(0.2, 0.6)];
    for (const axes of [{ lr: ['1', '2'] }, { lr: ['1', '2'], seed: ['7'] }]) {
      const measured = measureTasks(measures(axes, values));
      expect(measured).toMatchObject({ valueOf: 'best_task', best: { indices: [1] } });
      expect(measured.values.get('accuracy')?.value).toBe(0.6);
    }
  });

  it('is the mean of all tasks if only seeds differ, or no metric decides', () => {
    const seeds = measures({ seed: ['0', '1', '2'] }, [both(1, 0), both(2, 0), both(3, 0)]);
    expect(measureTasks(seeds)).toMatchObject({
      valueOf: 'best_setting',
      best: { params: {}, statistics: { mean: 2 } },
    });
    const open = measureTasks({ ...seeds, primary: null, metrics: ['loss'] });
    expect(open).toMatchObject({ valueOf: 'all_tasks', best: null });
    expect(open.values.get('loss')?.value).toBe(2);
  });

  it('is nothing if no task has the metric', () => {
    expect(measureTasks(measures(SEEDS, []))).toMatchObject({ best: null, metrics: [], values: new Map() });
  });
});
