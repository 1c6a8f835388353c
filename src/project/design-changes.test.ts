import { describe, expect, it } from 'vitest';
import { changedDesign } from './design-changes.ts';
import type { Entrypoint } from './design-entrypoint.ts';
import type { NewDesign } from './new-design.ts';

const DESIGN: NewDesign = {
  id: 'a',
  hypothesisId: null,
  entrypoint: {
    kind: 'command',
    argv: ['python', 'train.py', '--lr', '-0.1', '--seed=1', '--use-amp', 'model.size=3'],
  },
  tasks: null,
  compute: { location: 'local', walltime: '5', cpus: 1 },
  artifacts: [],
  metrics: null,
  baselines: null,
  others: {},
};

function words(...sets: readonly string[]): string {
  const { design, problems } = changedDesign(DESIGN, sets);
  if (problems.length > 0) return problems.join('\n');
  return design.entrypoint?.kind === 'command' ? design.entrypoint.argv.slice(2).join(' ') : '';
}

describe('changedDesign', () => {
  it.each([
    [['lr=0.2'], '--lr 0.2 --seed=1 --use-amp model.size=3'],
    [['args.lr=-0.2', 'seed=7'], '--lr -0.2 --seed=7 --use-amp model.size=3'],
    [['use_amp=false'], '--lr -0.1 --seed=1 model.size=3'],
    [['use-amp=true'], '--lr -0.1 --seed=1 --use-amp model.size=3'],
    [['model.size=a=b'], '--lr -0.1 --seed=1 --use-amp model.size=a=b'],
    [['lr='], '--lr  --seed=1 --use-amp model.size=3'],
  ])('sets arguments of a command: %j', (sets, expected) => {
    expect(words(...sets)).toBe(expected);
  });

  it.each([
    [['rate=1'], 'the command has no argument `rate`: it has `lr`, `seed`, `use-amp` and `model.size`'],
    [['use_amp=3'], 'the argument `--use-amp` of the command has no value; set it to true or false'],
    [['lr'], '`--set` takes KEY=VALUE, not `lr`'],
    [['=1'], '`--set` takes KEY=VALUE, not `=1`'],
  ])('says what is wrong with %j', (sets, expected) => {
    expect(words(...sets)).toContain(expected);
  });

  it('says everything at once', () => {
    expect(changedDesign(DESIGN, ['rate=1', 'x', 'lr=3']).problems).toHaveLength(2);
  });

  it('sets keys of compute under any of their names', () => {
    expect(changedDesign(DESIGN, ['compute.time=2:00:00', 'compute.cpus=4']).design.compute).toEqual({
      location: 'local',
      time: '2:00:00',
      cpus: 4,
    });
  });

  it('sets arguments of a module, as YAML would read them', () => {
    const entrypoint: Entrypoint = { kind: 'module', module: 'm', args: { use_amp: true, lr: 0.1 } };
    const { design } = changedDesign({ ...DESIGN, entrypoint }, ['use-amp=false', 'lr=0.20', 'seed=3', 'name=a b']);

    expect(design.entrypoint).toEqual({
      kind: 'module',
      module: 'm',
      args: { use_amp: false, lr: '0.20', seed: 3, name: 'a b' },
    });
  });

  it('makes words of a line of text', () => {
    const entrypoint: Entrypoint = { kind: 'cli', line: 'python t.py --lr 1', argv: ['python', 't.py', '--lr', '1'] };

    expect(changedDesign({ ...DESIGN, entrypoint }, ['lr=2']).design.entrypoint).toEqual({
      kind: 'command',
      argv: ['python', 't.py', '--lr', '2'],
    });
  });
});

describe('changedDesign of a design with tasks', () => {
  const axes = [
    { name: 'seed', values: ['0', '1'] },
    { name: 'lr', values: ['1e-3'] },
  ];
  const limits = { max_parallel: 2, max_failures: null, workers: null, time_seconds: null };
  const TASKS: NewDesign = {
    ...DESIGN,
    entrypoint: { kind: 'command', argv: ['train', '--seed', '{{task.seed}}', '--lr={{task.lr}}', '--size=3'] },
    tasks: { source: { kind: 'grid', axes }, ...limits },
  };

  it('sets values and limits of the tasks', () => {
    const sets = ['tasks.grid.lr=0.10, 1e-4', 'tasks.max_parallel=', 'tasks.workers=3', 'tasks.time=1:30', 'size=4'];
    const { design, problems } = changedDesign(TASKS, sets);
    expect(problems).toEqual([]);
    expect(design.tasks).toEqual({
      source: { kind: 'grid', axes: [axes[0], { name: 'lr', values: ['0.10', '1e-4'] }] },
      max_parallel: null,
      max_failures: null,
      workers: 3,
      time_seconds: 90,
    });
    expect(design.entrypoint).toMatchObject({ argv: expect.arrayContaining(['--size=4']) as unknown });
    expect(changedDesign(TASKS, ['tasks.file=a.csv']).design.tasks?.source).toEqual({ kind: 'file', file: 'a.csv' });
  });

  it.each([
    [TASKS, 'tasks.grid.rate=1', 'the tasks have no parameter `rate`; they have `seed` and `lr`'],
    [TASKS, 'tasks.max_failures=0', '`tasks.max_failures` must be a whole number from 1 to 100000, not `0`'],
    [TASKS, 'tasks.time=soon', '`tasks.time` is not a time; write "HH:MM:SS", "D-HH:MM:SS", or a number of minutes'],
    [TASKS, 'tasks.file=/a.csv', '`tasks.file` must be relative to the project; it says `/a.csv`'],
    [
      TASKS,
      'tasks.paralel=2',
      'tasks have no `paralel` to set; they have `max_parallel`, `max_failures`, `workers`, `time`, `file` and `grid.NAME`',
    ],
    [
      TASKS,
      'lr=0.2',
      '`lr` has another value in each task, `{{task.lr}}`; set the values of the tasks: --set tasks.grid.lr=0.2',
    ],
    [
      DESIGN,
      'tasks.workers=2',
      'the design has no tasks to set `tasks.workers` in; make another one: autolab new ID --from EXPERIMENT --grid NAME=VALUE,VALUE',
    ],
  ])('says why not: %#', (design, set, message) => {
    expect(changedDesign(design, [set]).problems).toEqual([message]);
  });
});
