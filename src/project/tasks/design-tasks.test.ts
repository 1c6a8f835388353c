import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { type Design, parseDesign } from '../design.ts';
import { expandTasks } from './expand.ts';
import type { ExpandedTasks, TaskSpec } from './task-spec.ts';
import { troubleWithValue } from './task-values.ts';
import { taskLines } from './tasks-text.ts';

const HEAD = 'id: d1\niteration_id: iter1\n';
const LOCAL = 'compute: {location: local, time: 10}\n';
const SLURM = 'compute: {location: slurm, time: 10, memory: 1G}\n';
const ENTRY = 'entrypoint: {command: [train, "{{task.seed}}"]}\n';

function design(text: string): Design {
  const { value, problems } = parseDesign(`${HEAD}${LOCAL}${text}`, 'design.yaml');
  if (value === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return value;
}

function tasksOf(text: string): ExpandedTasks {
  const source = design(text).tasks?.source;
  if (source === undefined || source.kind === 'file') throw new Error('the design does not say its tasks');
  return expandTasks(source);
}

/** Of the lines after `compute`, so that line 1 is the first of `text`. */
function complaints(text: string, compute = LOCAL): string[] {
  const { problems } = parseDesign(`${text}${compute}${HEAD}`, 'design.yaml');
  return problems.map(
    ({ line, column, severity, code, pointer, message }) =>
      `${String(line)}:${String(column)} ${severity} ${code} ${pointer ?? '-'} ${message}`,
  );
}

describe('tasks of a design', () => {
  it('expands a grid with the first name slowest, and keeps the spelling of numbers', () => {
    const text = `${ENTRY}tasks:\n  grid: {seed: [0, 1.0], lr: [1e-3, .5], amp: [true, False], tag: ["", "a,b"]}\n`;
    const { names, tasks } = tasksOf(text);
    expect(names).toEqual(['seed', 'lr', 'amp', 'tag']);
    expect(tasks).toHaveLength(16);
    expect(tasks.slice(0, 3).map(({ params }) => params)).toEqual([
      { seed: '0', lr: '1e-3', amp: 'true', tag: '' },
      { seed: '0', lr: '1e-3', amp: 'true', tag: 'a,b' },
      { seed: '0', lr: '1e-3', amp: 'False', tag: '' },
    ]);
    expect(tasks.at(-1)).toEqual({ index: 15, params: { seed: '1.0', lr: '.5', amp: 'False', tag: 'a,b' } });
  });

  it('expands any grid as nested loops do', () => {
    const value = fc.stringMatching(/^[a-z0-9 $"'\\,;-]{0,5}$/);
    const axis = fc.uniqueArray(value, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(axis, axis, axis, (seed, lr, size) => {
        const looped = seed.flatMap((a) => lr.flatMap((b) => size.map((c) => ({ seed: a, lr: b, size: c }))));
        const { tasks } = tasksOf(`${ENTRY}tasks: {grid: ${JSON.stringify({ seed, lr, size })}}\n`);
        expect(tasks.map(({ params }) => params)).toEqual(looped);
        expect(tasks.map(({ index }) => index)).toEqual(looped.map((_, index) => index));
      }),
    );
  });

  it('reads back what a new design is written with', () => {
    const value = fc.oneof(
      fc.constantFrom('', '1e-3', '1.0', '0x10', '.5', '+1', '00', '1_000', 'true', 'True', 'null', '~', '2026-01-01'),
      fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => troubleWithValue(text) === null),
    );
    const axis = fc.uniqueArray(value, { minLength: 1, maxLength: 4 });
    const limits = { max_parallel: 3, max_failures: null, workers: null, time_seconds: 5400 };
    fc.assert(
      fc.property(axis, axis, (seed, lr) => {
        const grid: TaskSpec = {
          source: {
            kind: 'grid',
            axes: [
              { name: 'seed', values: seed },
              { name: 'lr', values: lr },
            ],
          },
          ...limits,
        };
        const rows = seed.flatMap((a) => lr.map((b) => [a, b]));
        const list: TaskSpec = { source: { kind: 'list', names: ['seed', 'lr'], rows }, ...limits };
        for (const spec of [grid, list]) expect(design(`${ENTRY}${taskLines(spec).join('\n')}\n`).tasks).toEqual(spec);
      }),
    );
  });

  it('reads a list in the order of its first row', () => {
    const text = `${ENTRY}tasks:\n  list:\n    - {seed: 0, lr: 0.10}\n    - {lr: 1e-2, seed: "x"}\n  max_parallel: 8\n  max_failures: 3\n`;
    expect(tasksOf(text)).toEqual({
      names: ['seed', 'lr'],
      tasks: [
        { index: 0, params: { seed: '0', lr: '0.10' } },
        { index: 1, params: { seed: 'x', lr: '1e-2' } },
      ],
    });
    expect(design(text).tasks).toMatchObject({ max_parallel: 8, max_failures: 3, workers: null, time_seconds: null });
  });

  it('takes names that objects have anyway', () => {
    const entry = 'entrypoint: {command: [train, "{{task.constructor}}", "{{task.__proto__}}"]}\n';
    const { tasks } = tasksOf(`${entry}tasks: {grid: {constructor: [a], __proto__: [b]}}\n`);
    expect(Object.entries(tasks[0]?.params ?? {})).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ]);
    const [problem] = complaints(
      `tasks: {list: [{constructor: a}, {x: b}]}\nentrypoint: {command: [a, "{{task.constructor}}"]}\n`,
    );
    expect(problem).toContain('1:34 error value.missing /tasks/list/1');
  });

  it.each([
    ['tasks: 3', '1:8 error value.type /tasks `tasks` must be a mapping, such as `{grid: {seed: [0, 1, 2]}}`'],
    [
      'tasks: {}',
      '1:8 error value.missing /tasks `tasks` has no tasks; write `grid`, `list` or `file`, such as `grid: {seed: [0, 1, 2]}`',
    ],
    [
      'tasks: {grid: {seed: [0]}, file: a.csv}',
      '1:34 error value.conflict /tasks/file `tasks.file` conflicts with `grid`; remove one of them',
    ],
    [
      'tasks: {grid: []}',
      '1:15 error value.type /tasks/grid `tasks.grid` must be a mapping of names to lists, such as `{seed: [0, 1, 2]}`',
    ],
    [
      'tasks: {grid: {}}',
      '1:15 error value.missing /tasks/grid `tasks.grid` has no parameters; write one, such as `seed: [0, 1, 2]`',
    ],
    [
      'tasks: {grid: {seed: 3}}',
      '1:22 error value.type /tasks/grid/seed `tasks.grid.seed` must be a list of values: `[3]` for one value',
    ],
    [
      'tasks: {grid: {seed: []}}',
      '1:22 error value.missing /tasks/grid/seed `tasks.grid.seed` is an empty list, so that there would be no task; write its values, or remove it',
    ],
    [
      'tasks: {grid: {seed: [0, ~]}}',
      '1:26 error value.type /tasks/grid/seed/1 `tasks.grid.seed[1]` is empty; write text, a number, `true` or `false` (`""` for an empty text)',
    ],
    [
      'tasks: {grid: {seed: [[0]]}}',
      '1:23 error value.type /tasks/grid/seed/0 `tasks.grid.seed[0]` is not a single value; write text, a number, `true` or `false` (`""` for an empty text)',
    ],
    [
      'tasks: {grid: {seed: [0, 1, 0]}}',
      '1:29 error value.conflict /tasks/grid/seed/2 `tasks.grid.seed[2]` repeats `0`, which is number 1 of this list: two tasks would be the same; remove one',
    ],
    [
      'tasks: {grid: {index: [0]}}',
      "1:23 error value.invalid /tasks/grid/index `tasks.grid.index` is reserved: `{{task.index}}` is the task's number; choose another name",
    ],
    [
      'tasks: {grid: {"a-b": [0]}}',
      '1:23 error value.invalid /tasks/grid/a-b `tasks.grid.a-b` cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first',
    ],
    [
      'tasks: {grid: {seed: ["a\\0b"]}}',
      '1:23 error value.control_character /tasks/grid/seed/0 `tasks.grid.seed[0]` contains the control character U+0000, which cannot be passed to a program as it is; remove it',
    ],
    [
      'tasks: {grid: {seed: ["{{run_id}}"]}}',
      '1:23 error placeholder.unresolved /tasks/grid/seed/0 `tasks.grid.seed[0]` contains `{{run_id}}`, and nothing is filled in here; write it into the entrypoint',
    ],
    [
      'tasks: {grid: {seed: ["<RUN_ID>"]}}',
      '1:23 error placeholder.unresolved /tasks/grid/seed/0 `tasks.grid.seed[0]` contains `<RUN_ID>`, and nothing is filled in here; write it into the entrypoint',
    ],
    [
      'tasks: {list: {}}',
      '1:15 error value.type /tasks/list `tasks.list` must be a list of mappings, such as `[{seed: 0}, {seed: 1}]`',
    ],
    [
      'tasks: {list: []}',
      '1:15 error value.missing /tasks/list `tasks.list` has no tasks; write at least one, such as `[{seed: 0}]`',
    ],
    [
      'tasks: {list: [{seed: 0}, 3]}',
      '1:27 error value.type /tasks/list/1 `tasks.list[1]` must be a mapping of names to values, such as `{seed: 0}`',
    ],
    [
      'tasks: {list: [{seed: 0}, {seed: 0}]}',
      '1:27 error value.conflict /tasks/list/1 `tasks.list[1]` is the same task as `tasks.list[0]`; remove one of them',
    ],
    [
      'tasks: {list: [{seed: 0}, {seed: 1, lr: 2}]}',
      '1:41 error value.conflict /tasks/list/1/lr `tasks.list[1].lr` is not in the first task, which has `seed`; all tasks have the same parameters',
    ],
    [
      'tasks: {list: [{seed: 0, lr: 1}, {seed: 1}]}',
      '1:34 error value.missing /tasks/list/1 `tasks.list[1]` has no `lr`, which the first task has; all tasks have the same parameters',
    ],
    [
      'tasks: {file: "../a.csv"}',
      '1:15 error value.invalid /tasks/file `tasks.file` must be plain, without `.`, `..` and `//`; write the path of a .csv, .tsv or .jsonl file in the project; it says `"../a.csv"`',
    ],
    [
      'tasks: {file: a.txt}',
      '1:15 error value.invalid /tasks/file `tasks.file` must end in .csv, .tsv or .jsonl; write the path of a .csv, .tsv or .jsonl file in the project; it says `a.txt`',
    ],
    [
      'tasks: {grid: {seed: [0]}, max_parallel: 0}',
      '1:42 error value.invalid /tasks/max_parallel `tasks.max_parallel` must be a whole number from 1 to 100000; it says `0`',
    ],
    [
      'tasks: {grid: {seed: [0]}, time: soon}',
      '1:34 error value.invalid /tasks/time `tasks.time` is not a time; write "HH:MM:SS", "D-HH:MM:SS", or a number of minutes; it says `soon`',
    ],
    [
      'tasks: {grid: {seed: [0]}, max_paralel: 2}',
      '1:28 error value.unknown_key /tasks/max_paralel the key `max_paralel` is not known and has no effect; did you mean `max_parallel`?',
    ],
    [
      'tasks: {grid: {seed: [0]}, workers: 2}',
      '1:37 warning value.not_used /tasks/workers `tasks.workers` is for Slurm; a run on this machine has `max_parallel`',
    ],
    [
      'tasks: {grid: {seed: [0], lr: [1]}}',
      '1:31 warning value.not_used /tasks/grid/lr `tasks.grid.lr` is a parameter that the entrypoint does not name; write `{{task.lr}}` there, unless its program reads AUTOLAB_TASK_PARAMS',
    ],
  ])('%s', (text, wanted) => {
    expect(complaints(`${text}\n${ENTRY}`)).toEqual([wanted]);
  });

  it('counts the tasks before it makes any', () => {
    const axis = `[${Array.from({ length: 400 }, (_, at) => at).join(', ')}]`;
    const text = `tasks: {grid: {seed: ${axis}, a: ${axis}, b: ${axis}, c: ${axis}, d: ${axis}}}\n`;
    expect(complaints(`${text}${ENTRY}`)).toEqual([
      '1:15 error value.invalid /tasks/grid `tasks.grid` has 10240000000000 tasks (400 × 400 × 400 × 400 × 400), and a run takes at most 100000',
    ]);
  });

  it('bounds what the tasks hold', () => {
    const long = 'x'.repeat(16_000);
    const entry = 'entrypoint: {command: [train, "{{task.a}}"]}\n';
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, [long]]));
    expect(complaints(`tasks: {grid: ${JSON.stringify(many)}}\n${entry}`)[0]).toContain(
      '`tasks.grid` has a task whose parameters have 128056 bytes, and a program is passed at most 98304',
    );
    const numbers = Array.from({ length: 9000 }, (_, at) => at);
    expect(complaints(`tasks: {grid: {a: ${JSON.stringify(numbers)}, b: [${long}]}}\n${entry}`)[0]).toContain(
      '`tasks.grid` has 138 MiB of values in 9000 tasks, and a run takes at most 128 MiB',
    );
    const twenty = `entrypoint: {command: [train, "${'{{task.a}}'.repeat(20)}"]}\n`;
    expect(complaints(`tasks: {grid: {a: [${long}]}}\n${twenty}`)[0]).toMatch(
      /^2:31 error value\.invalid \/entrypoint\/command\/1 .*would have 320200 bytes with the longest values/,
    );
    expect(complaints(`tasks: {grid: {a: [${long}x${long}]}}\n${entry}`)[0]).toContain(
      'has 32001 bytes, and a value takes at most 16384',
    );
  });

  it('allows the time of a task only beside workers, and within theirs', () => {
    const grid = 'tasks: {grid: {seed: [0]}, ';
    expect(complaints(`${grid}time: 5}\n${ENTRY}`, SLURM)).toEqual([
      '1:34 error value.conflict /tasks/time `tasks.time` goes with `workers`; without them `compute.time` is the limit of each task: remove this one',
    ]);
    expect(complaints(`${grid}time: 11, workers: 2}\n${ENTRY}`, SLURM)).toEqual([
      '1:34 error value.conflict /tasks/time `tasks.time` is longer than `compute.time`, the limit of a worker, which could begin no task; make `compute.time` longer',
    ]);
    expect(complaints(`${grid}time: 5, workers: 2}\n${ENTRY}`, SLURM)).toEqual([]);
    expect(complaints(`${grid}time: 5}\n${ENTRY}`, 'compute: {location: local}\n')).toEqual([]);
    expect(complaints(`${grid}time: 5}\n${ENTRY}`)).toEqual([
      '3:34 warning value.not_used /compute/time `compute.time` is not used: here `tasks.time` is the limit of each task',
    ]);
  });
});

describe('what tasks mean for the rest of the design', () => {
  const GRID = 'tasks: {grid: {seed: [0, 1], lr: [0.1]}}\n';

  it.each([
    [
      'entrypoint: {command: [train, "{{task.sed}}", "{{task.lr}}", "{{task.seed}}"]}',
      '1:31 error placeholder.unknown /entrypoint/command/1 `entrypoint.command[1]` contains `{{task.sed}}`, and the tasks have no such parameter; write `{{task.seed}}`, `{{task.lr}}`, `{{task.index}}` or `{{task_dir}}`',
    ],
    [
      'entrypoint: {module: m, args: {a: ["{{task.sed}}"], b: "{{task.lr}} {{task.seed}}"}}',
      '1:36 error placeholder.unknown /entrypoint/args/a/0 `entrypoint.args.a[0]` contains `{{task.sed}}`, and the tasks have no such parameter; write `{{task.seed}}`, `{{task.lr}}`, `{{task.index}}` or `{{task_dir}}`',
    ],
    [
      'entrypoint: {command: ["{{task.seed}}", "{{task.lr}}"]}',
      '1:24 error value.invalid /entrypoint/command/0 `entrypoint.command[0]` names a program with `{{task.seed}}`, and all tasks run the same one; write the program, and the value after it',
    ],
    [
      'entrypoint: {cli: "bin/{{task.seed}} {{task.lr}}"}',
      '1:19 error value.invalid /entrypoint/cli `entrypoint.cli` names a program with `{{task.seed}}`, and all tasks run the same one; write the program, and the value after it',
    ],
    [
      'entrypoint: {command: [bash, -c, "echo {{task.seed}}", x, "{{task.lr}}"]}',
      '1:34 warning value.invalid /entrypoint/command/2 `entrypoint.command[2]` has `{{task.seed}}` in the text of a shell, which would run what a value contains; pass it as an argument: `\'… "$1"\'`, `bash`, `{{task.seed}}`',
    ],
    [
      'entrypoint: {command: [train, "{{task.seed}}", "{{task.lr}}", "{{ run_dir }}/a"]}',
      "1:63 warning value.conflict /entrypoint/command/3 `entrypoint.command[3]` gives all tasks the same folder, `{{run_dir}}`; a task's own is `{{task_dir}}`",
    ],
    [
      'entrypoint: {command: [train, "{{task.index}}"]}',
      '2:15 warning value.not_used /tasks/grid `tasks.grid` has no parameter that the entrypoint names; its program finds them in AUTOLAB_TASK_PARAMS only',
    ],
  ])('%s', (text, wanted) => {
    expect(complaints(`${text}\n${GRID}`)).toEqual([wanted]);
  });

  it('accepts every place of a placeholder that is a value', () => {
    const text = `entrypoint: {command: [train, "--{{task.lr}}", "{{ task.seed }}{{task.index}}", "{{task_dir}}/{{run_id}}", "{{run_dir}}"]}\n${GRID}`;
    expect(complaints(text)).toEqual([]);
  });

  it('needs tasks for their placeholders', () => {
    expect(complaints('entrypoint: {command: [train, "{{task.seed}}", "a{{task_dir}}"]}\n')).toEqual([
      '1:31 error placeholder.unknown /entrypoint/command/1 `entrypoint.command[1]` contains `{{task.seed}}`, and the design has no tasks; write them: `tasks: {grid: {seed: [0, 1, 2]}}`',
      '1:48 error placeholder.unknown /entrypoint/command/2 `entrypoint.command[2]` contains `{{task_dir}}`, and the design has no tasks; write them: `tasks: {grid: {seed: [0, 1, 2]}}`',
    ]);
  });

  it('does not ask for names that could not be read', () => {
    expect(complaints(`entrypoint: {command: [train, "{{task.seed}}"]}\ntasks: {grid: {seed: 0}}\n`)).toHaveLength(1);
  });

  it('never makes a value a path', () => {
    const text = `${ENTRY}tasks: {grid: {seed: [0]}}\n`;
    const named = (yaml: string): string[] => complaints(`${yaml}\n${text}`);
    expect(named('artifacts: ["{{task.seed}}.json"]')[0]).toContain('1:13 error placeholder.unknown /artifacts/0');
    expect(named('inputs: ["{{task.seed}}.json"]')[0]).toContain('1:10 error value.invalid /inputs/0');
    expect(named('artifacts: [{path: a, from: "/x/{{task.seed}}"}]')).toEqual([
      '1:29 error value.conflict /artifacts/0/from `artifacts[0].from` is not for a design with tasks, which would all collect the same; let each task write into `{{task_dir}}`',
    ]);
    expect(named('artifacts: [tasks/*/m.json, {path: stdout.log}]')).toEqual([
      '1:13 error value.invalid /artifacts/0 `artifacts[0]` is relative to the folder of each task already; write `m.json`',
      '1:36 error value.invalid /artifacts/1/path `artifacts[1].path` is the log of a task, which is kept anyway; remove it',
    ]);
  });

  it('refuses them where there are no tasks', () => {
    const text = `artifacts: [{path: a, from: "/x/{{task_dir}}"}]\nentrypoint: {command: [train]}\n`;
    expect(complaints(text)).toEqual([
      '1:29 error placeholder.unknown /artifacts/0/from `artifacts[0].from` contains `{{task_dir}}`, and the design has no tasks; write them: `tasks: {grid: {seed: [0, 1, 2]}}`',
    ]);
  });
});
