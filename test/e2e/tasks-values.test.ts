import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { read, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { makeTaskProject } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** What a task was given reaches its program byte for byte, and nothing else happens. */

const SAYS_ARGUMENTS = `printf '%s\\0' "$@" "$AUTOLAB_TASK_PARAMS" > "$AUTOLAB_TASK_DIR/given"\n`;

function givenTo(root: string, runId: string, index: number): string[] {
  return readFileSync(inRun(root, 'iter1', runId, `tasks/${index}/given`), 'utf8')
    .split('\0')
    .slice(0, -1);
}

test('hostile values are arguments like any other', async () => {
  const values = [
    '',
    ' ',
    '-n',
    '--',
    '../../../x',
    '$(touch ran) `touch ran` ; touch ran',
    '"double" \'single\' \\ \\n \\0101 \\c',
    'two\nlines\n',
    '\ttab',
    'é 😀 \u202E\uFEFF',
    '*?[a] ~ {a,b} !!',
    '{{',
    '%s %b %%',
    '1e-3',
  ];
  const root = makeTaskProject({
    tasks: '{file: experiments/iter1/tasks.jsonl}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.v}}', 'a{{task.v}}b', '{{task.index}}', '{{task_dir}}'],
    entrypoint: SAYS_ARGUMENTS,
  });
  write(root, 'experiments/iter1/tasks.jsonl', values.map((v) => `${JSON.stringify({ v })}\n`).join(''));

  const { json } = await autolabJson(root, ['launch', '--run-id', 'r1']);

  expect(json['code']).toBe('run.completed');
  for (const [index, v] of values.entries()) {
    const folder = inRun(root, 'iter1', 'r1', `tasks/${index}`);
    expect(givenTo(root, 'r1', index)).toEqual([v, `a${v}b`, String(index), folder, JSON.stringify({ v })]);
  }
  expect(existsSync(join(root, 'ran'))).toBe(false);
});

test('other values make another experiment, and a comparison says which', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {seed: [0, 1], lr: [1e-3]}, max_parallel: 2}',
    command: ['bash', 'experiments/iter1/main.sh', '--seed={{task.seed}}', '{{task.lr}}'],
    entrypoint: SAYS_ARGUMENTS,
    git: true,
  });
  await autolabJson(root, ['launch', '--run-id', 'r1']);
  const sets = ['--set', 'tasks.grid.seed=1,2,3', '--set', 'tasks.max_parallel=1'];

  const again = await autolabJson(root, ['rerun', 'r1', ...sets, '--by', 'ada', '--launch']);

  expect(again.json).toMatchObject({ code: 'run.completed', iteration_id: 'iter1-2' });
  expect(read(root, 'experiments/iter1-2/design.yaml')).toMatch(
    /seed: \[1, 2, 3\]\n +lr: \[1e-3\]\n +max_parallel: 1\n/,
  );
  const second = String(again.json['run_id']);
  const given = readFileSync(inRun(root, 'iter1-2', second, 'tasks/2/given'), 'utf8');
  expect(given.split('\0')).toEqual(['--seed=3', '1e-3', '{"lr":"1e-3","seed":"3"}', '']);
  const { json } = await autolabJson(root, ['compare', 'r1', second]);
  const differences = (json['differences'] as { group: string; pointer: string; values: unknown[] }[]).filter(
    ({ pointer }) => pointer.startsWith('/tasks/') && pointer !== '/tasks/list',
  );
  expect(differences).toEqual([
    { group: 'design', pointer: '/tasks/count', values: [2, 3] },
    { group: 'design', pointer: '/tasks/parameters/seed', values: ['2 values, 0 to 1', '3 values, 1 to 3'] },
    { group: 'design', pointer: '/tasks/max_parallel', values: [2, 1] },
    { group: 'end', pointer: '/tasks/completed', values: [2, 3] },
  ]);
  const wrong = await autolabJson(root, ['rerun', 'r1', '--set', 'seed=5', '--by', 'ada']);
  expect(wrong).toMatchObject({ status: 2 });
  expect(wrong.json['message']).toContain('--set tasks.grid.seed=5');
});
