import { describe, expect, it } from 'vitest';
import type { TaskSpec } from './task-spec.ts';
import { NO_TASKS_WISH, type TasksWish, wishedTasks } from './wished-tasks.ts';

function wished(wish: Partial<TasksWish>, source: TaskSpec | null = null) {
  const problems: string[] = [];
  const tasks = wishedTasks({ ...NO_TASKS_WISH, ...wish }, source, (_pointer, message) => problems.push(message));
  return { tasks, problems };
}

const LIST: TaskSpec = {
  source: { kind: 'file', file: 'tasks.csv' },
  max_parallel: 3,
  max_failures: 1,
  workers: null,
  time_seconds: 60,
};

describe('wishedTasks', () => {
  it('makes a grid, in the order of the options, with every value as it was typed', () => {
    const { tasks, problems } = wished({ grid: ['seed=0, 1,2', 'lr=1e-3,0.10', 'name=a=b'], maxParallel: 2 });

    expect(problems).toEqual([]);
    expect(tasks).toEqual({
      source: {
        kind: 'grid',
        axes: [
          { name: 'seed', values: ['0', '1', '2'] },
          { name: 'lr', values: ['1e-3', '0.10'] },
          { name: 'name', values: ['a=b'] },
        ],
      },
      max_parallel: 2,
      max_failures: null,
      workers: null,
      time_seconds: null,
    });
  });

  it('lays options over the tasks of another design', () => {
    expect(wished({ workers: 4 }, LIST).tasks).toEqual({ ...LIST, workers: 4 });
    expect(wished({ grid: ['seed=0'] }, LIST).tasks).toEqual({
      ...LIST,
      source: { kind: 'grid', axes: [{ name: 'seed', values: ['0'] }] },
    });
    expect(wished({}, LIST).tasks).toEqual(LIST);
    expect(wished({}).tasks).toBeNull();
  });

  it.each<[string, Partial<TasksWish>, string]>([
    ['no values', { grid: ['seed'] }, '`--grid` takes NAME=VALUE,VALUE, such as seed=0,1,2, not `seed`'],
    ['no name', { grid: ['=1'] }, '`--grid` takes NAME=VALUE,VALUE, such as seed=0,1,2, not `=1`'],
    [
      'an empty value',
      { grid: ['seed=0,,2'] },
      '`--grid seed=0,,2` has an empty value; remove it, or write a file: `--list FILE`',
    ],
    [
      'a name twice',
      { grid: ['seed=0,1', 'seed=1,2'] },
      '`--grid` names `seed` twice; write its values in one: `--grid seed=0,1,2`',
    ],
    [
      'a grid and a list',
      { grid: ['seed=0'], list: 'tasks.csv' },
      '`--grid` and `--list` contradict each other; write all combinations, or a file of them',
    ],
    [
      'a limit of tasks, and no tasks',
      { maxFailures: 3 },
      '`--max-failures` is about many tasks; add `--grid NAME=VALUE,VALUE` or `--list FILE`',
    ],
  ])('says what is wrong with %s', (_what, wish, message) => {
    expect(wished(wish).problems).toEqual([message]);
  });
});
