import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { read, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** `autolab new` with many tasks: `--grid` and `--list`. */

vi.setConfig({ testTimeout: SLOW_MS });

const TIME = ['--time', '5'];
const TRAIN = ['--', 'python3', 'train.py', '--seed', '{{task.seed}}', '--lr', '{{task.lr}}', '--out', '{{task_dir}}'];

async function project(): Promise<string> {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  write(root, 'train.py', 'print("trained")\n');
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

const design = (root: string, id: string): string => read(root, `experiments/${id}/design.yaml`);
const messages = (json: Record<string, unknown>): string =>
  problemsOf(json)
    .map(({ message }) => message)
    .join('\n');

describe('autolab new --grid', () => {
  it('writes the tasks into the design, and says how many there are and what the first one runs', async () => {
    const root = await project();

    const made = await call(root, [
      ...['new', 'sweep', ...TIME, '--grid', 'seed=0,1,2', '--grid', 'lr=0.10,1e-3,no', '--max-parallel', '2'],
      ...['--max-failures', '3', '--artifact', 'metrics.json', ...TRAIN],
    ]);

    expect(made).toMatchObject({
      status: 0,
      json: {
        outcome: 'ok',
        stage_after: 'implementation_review',
        problems: [],
        tasks: { count: 9, parameters: ['seed', 'lr'], file: null },
      },
    });
    expect(made.json['message']).toContain('with 9 tasks (seed: 3 values, lr: 3 values)');
    expect(made.json['hint']).toBe(
      "Look at the design (the first task: python3 train.py --seed 0 --lr 0.10 --out '{{task_dir}}'), then: autolab approve --by WHO",
    );
    expect(design(root, 'sweep')).toContain(
      [
        'tasks:',
        '  grid: # all combinations, the first name slowest',
        '    seed: [0, 1, 2]',
        '    lr: [0.10, 1e-3, "no"]',
        '  max_parallel: 2',
        '  max_failures: 3',
        '',
      ].join('\n'),
    );
  });

  it('keeps the tasks of --from with the spelling of their values, and lays options over them', async () => {
    const root = await project();
    await call(root, ['new', 'a', ...TIME, '--grid', 'seed=0', '--grid', 'lr=0.10,1e-3', ...TRAIN]);

    const made = await call(root, ['new', 'b', '--from', 'a', '--workers', '2']);

    expect(made.json).toMatchObject({ outcome: 'ok', tasks: { count: 2 } });
    expect(design(root, 'b')).toContain('    lr: [0.10, 1e-3]\n  workers: 2\n');
  });

  it('refuses a command that uses none of the parameters, with the words to write', async () => {
    const root = await project();

    const wrong = await callWithoutTrace(root, [
      ...['new', 'a', ...TIME, '--grid', 'seed=0,1', '--grid', 'lr=1', '--', 'python3', 'train.py', '--lr', '0.1'],
    ]);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(messages(wrong.json)).toBe(
      "the command uses none of the parameters, so all tasks would do the same; write: -- python3 train.py --lr '{{task.lr}}' --seed '{{task.seed}}'",
    );
  });

  it('takes a script that reads what a task has in its environment', async () => {
    const root = await project();
    write(root, 'train.py', 'import os, json\nparams = json.loads(os.environ["AUTOLAB_TASK_PARAMS"])\n');

    const made = await call(root, ['new', 'a', ...TIME, '--grid', 'seed=0,1', '--', 'python3', 'train.py']);

    expect(made.json).toMatchObject({ outcome: 'ok', problems: [], tasks: { count: 2 } });
  });

  it('warns of a parameter that nothing uses, and of a folder that all tasks share', async () => {
    const root = await project();

    const made = await call(root, [
      ...['new', 'a', ...TIME, '--grid', 'seed=0,1', '--grid', 'lr=1,2'],
      ...['--', 'python3', 'train.py', '{{task.seed}}', '--out', '{{run_dir}}'],
    ]);

    expect(made.status).toBe(0);
    expect(messages(made.json)).toContain(
      '`--grid lr` is a parameter that the entrypoint does not name; write `{{task.lr}}`',
    );
    expect(messages(made.json)).toContain('word 5 of the command gives all tasks the same folder, `{{run_dir}}`');
  });

  it('refuses what cannot be a grid, and makes nothing', async () => {
    const root = await project();
    const wrong: readonly (readonly [what: string, words: readonly string[], message: string])[] = [
      ['a value twice', ['--grid', 'seed=0,0'], 'repeats `0`'],
      ['a name twice', ['--grid', 'seed=0', '--grid', 'seed=1'], 'write its values in one: `--grid seed=0,1`'],
      ['an empty value', ['--grid', 'seed=0,'], '`--grid seed=0,` has an empty value'],
      ['a name that no parameter can have', ['--grid', 'a-b=0'], '`--grid a-b` cannot be the name of a parameter'],
      ['the name of the number', ['--grid', 'index=0'], '`--grid index` is reserved'],
      ['a grid and a list', ['--grid', 'seed=0', '--list', 'x.csv'], '`--grid` and `--list` contradict each other'],
      ['limits alone', ['--workers', '2'], '`--workers` is about many tasks'],
      ['no task at a time', ['--grid', 'seed=0', '--max-parallel', '0'], '`--max-parallel` must be'],
      ['a parameter that is not there', ['--grid', 'other=1'], 'task.seed'],
      [
        'too many',
        [
          ['a', 'b', 'c'].map((name) => ['--grid', `${name}=${Array.from({ length: 60 }, (_, at) => at).join(',')}`]),
        ].flat(2),
        '216000 tasks',
      ],
    ];
    for (const [what, words, message] of wrong) {
      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...words, ...TRAIN]);
      expect(refused, what).toMatchObject({ status: 2, json: { code: 'usage' } });
      expect(messages(refused.json), what).toContain(message);
    }
  });
});

describe('autolab new --list', () => {
  it('names a file of the project, seen from the folder of the call', async () => {
    const root = await project();
    write(root, 'lists/tasks.csv', 'seed,lr\n0,0.1\n1,0.1\n');

    const made = await autolab(join(root, 'lists'), ['new', 'a', ...TIME, '--list', 'tasks.csv', '--json', ...TRAIN]);

    expect(JSON.parse(made.stdout)).toMatchObject({
      outcome: 'ok',
      tasks: { count: 2, parameters: ['seed', 'lr'], file: 'lists/tasks.csv' },
    });
    expect(design(root, 'a')).toContain('tasks:\n  file: lists/tasks.csv # a line a task\n');
  });

  it('copies a file from outside of the project beside the design', async () => {
    const root = await project();
    const outside = temporaryFolder();
    write(outside, 'mine.jsonl', '{"seed": 0, "lr": 0.1}\n{"seed": 1, "lr": 0.1}\n');
    const words = ['new', 'a', ...TIME, '--list', join(outside, 'mine.jsonl'), ...TRAIN];

    const made = await call(root, words);
    const again = await callWithoutTrace(root, words);

    expect(made.json).toMatchObject({
      outcome: 'ok',
      created: [
        'experiments/a/tasks.jsonl',
        'experiments/a/design.yaml',
        '.autolab/backlog.yaml',
        '.autolab/state.json',
      ],
      tasks: { count: 2, file: 'experiments/a/tasks.jsonl' },
    });
    expect(read(root, 'experiments/a/tasks.jsonl')).toBe(read(outside, 'mine.jsonl'));
    expect(again.json).toMatchObject({ outcome: 'ok', created: [] });
  });

  it('overwrites no copy that says something else', async () => {
    const root = await project();
    const outside = temporaryFolder();
    write(outside, 'mine.csv', 'seed,lr\n0,1\n');
    write(root, 'experiments/a/tasks.csv', 'seed,lr\n5,1\n');

    const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, '--list', join(outside, 'mine.csv'), ...TRAIN]);

    expect(refused).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
    expect(refused.json['hint']).toContain('--list experiments/a/tasks.csv');
  });

  it('refuses what cannot be a list, and makes nothing', async () => {
    const root = await project();
    write(root, 'bad.csv', 'seed,lr\n0\n');
    const wrong: readonly (readonly [what: string, file: string, message: string])[] = [
      ['a file that is not there', 'none.csv', 'none.csv'],
      ['another kind of file', 'train.py', 'must end in .csv, .tsv or .jsonl'],
      ['a file with an error', 'bad.csv', 'bad.csv'],
      ['one that is not there, outside', '/nowhere/none.csv', 'there is no such file'],
      ['another kind of file, outside', '/etc/hostname', 'takes a .csv, .tsv or .jsonl file'],
    ];
    for (const [what, file, message] of wrong) {
      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, '--list', file, ...TRAIN]);
      expect(refused, what).toMatchObject({ status: 2, json: { code: 'usage' } });
      expect(JSON.stringify(problemsOf(refused.json)), what).toContain(message);
    }
  });
});

it('a script that was an array is told which words make tasks of it', async () => {
  const root = await project();
  write(root, 'job.sh', '#!/bin/bash\n#SBATCH --array=0-9%4\npython3 train.py --seed $SLURM_ARRAY_TASK_ID\n');

  const made = await call(root, ['new', 'a', ...TIME, '--', 'bash', 'job.sh']);

  expect(messages(made.json)).toContain(
    `write: --grid "i=$(seq -s, 0 9)" --max-parallel 4 -- bash job.sh '{{task.i}}'; the script gets the number as its last argument, instead of $SLURM_ARRAY_TASK_ID`,
  );
  const tasks = await call(root, ['new', 'b', ...TIME, '--grid', 'i=0,1', '--', 'bash', 'job.sh', '{{task.i}}']);
  expect(tasks.json).toMatchObject({ problems: [], tasks: { count: 2 } });
});
