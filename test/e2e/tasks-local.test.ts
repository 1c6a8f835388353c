import { existsSync, readFileSync, renameSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { read, runIds, temporaryFolder, until, write } from '../support/project.ts';
import { processesOf, SLOW_MS } from '../support/runs.ts';
import { endsOfTasks, makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const COMMAND = ['bash', 'experiments/iter1/main.sh', '{{task.how}}'];

test('mixed ends: each task began exactly once, and ended as it did', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {how: [good, bad, signal, says137, late, orphan]}, max_parallel: 2}',
    compute: { time: '"00:00:06"' },
    command: COMMAND,
    entrypoint: `${MARK_TASK}case "$1" in
bad) exit 3 ;;
signal) kill -9 $$ ;;
says137) exit 137 ;;
late) exec sleep 300 ;;
orphan) setsid sleep 300 & ;;
esac
echo "$1 $AUTOLAB_TASK_PARAMS" > "$AUTOLAB_TASK_DIR/out"
echo said
`,
  });
  const { status, json } = await autolabJson(root, ['launch']);
  expect([status, json['code']]).toEqual([10, 'tasks.failed']);
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 });
  const ends = endsOfTasks(root);
  expect(ends.map(({ state, code, exit_code: exit, signal }) => [state, code, exit, signal])).toEqual([
    ['completed', null, 0, null],
    ['failed', 'local.failed', 3, null],
    ['failed', 'local.signal', null, 'SIGKILL'],
    ['failed', 'local.failed', 137, null],
    ['failed', 'local.timeout', null, 'SIGTERM'],
    ['completed', null, 0, null],
  ]);
  const run = `experiments/iter1/runs/${runIds(root)[0] ?? ''}`;
  expect(read(root, `${run}/tasks/0/out`)).toBe('good {"how":"good"}\n');
  expect(read(root, `${run}/tasks/0/stdout.log`)).toBe('said\n');
});

test('a grid of good tasks completes, and verifies', async () => {
  const root = makeTaskProject({ tasks: '{grid: {a: [1, 2], b: [x, y]}}', command: ['true', '{{task.a}}'] });
  const { status, json } = await autolabJson(root, ['launch']);
  expect([status, json['code']]).toEqual([0, 'run.completed']);
  expect(endsOfTasks(root).map(({ state }) => state)).toEqual(['completed', 'completed', 'completed', 'completed']);
  expect((await autolab(root, ['verify'])).status).toBe(0);
});

test('values arrive byte for byte, and nothing of autolab is open in a task', async () => {
  const values = [
    'a b',
    '',
    '$(touch hit)',
    '`touch hit`',
    "it's",
    '"q"',
    '\\n \\\\',
    'two\nlines\tand a tab\n',
    '--flag',
    '%s %b',
    '../..',
    'ü→',
    '*',
    ' lead',
  ];
  const root = makeTaskProject({
    tasks: JSON.stringify({ list: values.map((value) => ({ v: value, w: 'x' })) }),
    command: [
      'bash',
      'experiments/iter1/main.sh',
      '{{task.v}}',
      '{{task.w}}',
      '<{{task.v}}>',
      '{{task.index}}',
      '{{task_dir}}',
    ],
    entrypoint: `printf '%s\\0' "$@" "$AUTOLAB_TASK_PARAMS" "$PWD" > "$AUTOLAB_TASK_DIR/argv"
cd /proc/self/fd && printf '%s ' [0-9]* > "$AUTOLAB_TASK_DIR/open"
readlink /proc/$$/fd/* | grep -c socket > "$AUTOLAB_TASK_DIR/sockets" || true
`,
  });
  const { json } = await autolabJson(root, ['launch']);
  expect(json['code']).toBe('run.completed');
  const folder = inRun(root, 'iter1', runIds(root)[0] ?? '', 'tasks');
  for (const [index, value] of values.entries()) {
    const dir = `${folder}/${index}`;
    const params = JSON.stringify({ v: value, w: 'x' });
    const words = [value, 'x', `<${value}>`, String(index), dir, params, root];
    expect(readFileSync(`${dir}/argv`, 'utf8').split('\0')).toEqual([...words, '']);
    expect(readFileSync(`${dir}/sockets`, 'utf8')).toBe('0\n');
  }
  expect(existsSync(`${root}/hit`)).toBe(false);
});

test('no more at once than max_parallel says, and no more after max_failures', async () => {
  const root = makeTaskProject({
    tasks: `{grid: {i: [${Array.from({ length: 20 }, (_, index) => index).join(', ')}]}, max_parallel: 3, max_failures: 2}`,
    command: ['bash', 'experiments/iter1/main.sh', '{{task.i}}'],
    // The first three wait for one another, and those after the failures for these.
    entrypoint: `${MARK_TASK}cd "$AUTOLAB_RUN_DIR"; mkdir -p live here; touch "live/$1" "here/$1"
until [ -e here/0 ] && [ -e here/1 ] && [ -e here/2 ]; do sleep 0.02; done
ls live | wc -l >> most
[ "$1" -le 7 ] || until [ -e receipts/4.exit ] && [ -e receipts/7.exit ]; do sleep 0.02; done
sleep 0.2
rm "live/$1"
[ "$1" != 4 ] && [ "$1" != 7 ]
`,
  });
  const { json } = await autolabJson(root, ['launch']);
  expect(json['code']).toBe('tasks.failed');
  const counts = readFileSync(inRun(root, 'iter1', runIds(root)[0] ?? '', 'most'), 'utf8')
    .trim()
    .split('\n')
    .map(Number);
  expect(Math.max(...counts)).toBe(3);
  const ends = endsOfTasks(root);
  expect([ends[4]?.['code'], ends[7]?.['code']]).toEqual(['local.failed', 'local.failed']);
  const after = ends.slice(11);
  expect(after.map(({ code }) => code)).toEqual(after.map(() => 'tasks.not_started'));
  expect(ends[19]?.['message']).toMatch(/max_failures/);
  expect(Object.values(startsOfTasks(root)).every((count) => count === 1)).toBe(true);
});

test('cancel of one task, before and after its start, and then of the run', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {i: [0, 1, 2, 3, 4]}, max_parallel: 2}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.i}}'],
    entrypoint: `${MARK_TASK}until [ -e "$AUTOLAB_RUN_DIR/go$1" ]; do sleep 0.05; done\n`,
  });
  const driver = startAutolab(root, ['launch', '--json']);
  await until('two tasks have begun', () => Object.keys(startsOfTasks(root)).length === 2);
  const run = `experiments/iter1/runs/${runIds(root)[0] ?? ''}`;
  const request = JSON.stringify({ by: 'me', at: '2026-11-29T10:00:00.000Z' });
  write(root, `${run}/receipts/cancel.2`, request);
  write(root, `${run}/receipts/cancel.0`, request);
  await until('the next but one has begun', () => startsOfTasks(root)['3'] === 1);
  expect((await autolabJson(root, ['cancel'])).status).toBe(0);
  expect(parseJson(await driver.ended)['code']).toBe('run.cancelled');
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 3: 1 });
  const ends = endsOfTasks(root);
  expect(ends.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['cancelled', 1],
    ['cancelled', 1],
    ['cancelled', 0],
    ['cancelled', 1],
    ['cancelled', 0],
  ]);
});

test('an activation that fails, with all workers: as of a run with one task', async () => {
  const root = makeTaskProject({ tasks: '{grid: {i: [0, 1]}}', command: COMMAND.slice(0, 2), activation: 'false\n' });
  const { json } = await autolabJson(root, ['launch']);
  expect([json['code'], json['message']]).toEqual([
    'local.not_started',
    expect.stringContaining('docs/environment.md, line 6: "false"'),
  ]);
  expect(endsOfTasks(root).map(({ code }) => code)).toEqual(['tasks.not_started', 'tasks.not_started']);
});

test('an activation that traces, traps, and redefines what it can', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {i: [0, 1, 2]}, max_parallel: 1}',
    command: ['bash', 'experiments/iter1/main.sh'],
    activation: `exec 2>&1; set -x
date() { echo never; }; mv() { echo never; }; printf() { echo never; }; read() { return 1; }; wait() { return 0; }
trap 'echo trapped' EXIT DEBUG ERR CHLD USR1
IFS=,; TMOUT=1; readonly TMOUT status=1 index=7 name=x
set -f -C; shopt -s nullglob failglob; alias true=false
export GREETING=hello PATH="/nowhere:$PATH"
cd /
`,
    entrypoint: `${MARK_TASK}echo "$GREETING $PWD" > "$AUTOLAB_TASK_DIR/out"; sleep 1.5\n`,
  });
  const { json } = await autolabJson(root, ['launch']);
  expect(json['code']).toBe('run.completed');
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 2: 1 });
  expect(read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/tasks/2/out`)).toBe(`hello ${root}\n`);
});

test('tasks that remove their folder or all receipts, or forge receipts of others', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {how: [folder, forge, receipts, good]}, max_parallel: 1}',
    command: COMMAND,
    entrypoint: `${MARK_TASK}case "$1" in
folder) rm -r "$AUTOLAB_TASK_DIR" ;;
forge) cp "$AUTOLAB_RUN_DIR/receipts/0.exit" "$AUTOLAB_RUN_DIR/receipts/3.exit"; echo '{"attempt":0,"exit_code":7,"signal":null,"ended_at":""}' > "$AUTOLAB_RUN_DIR/receipts/0.exit" ;;
receipts) rm -r "$AUTOLAB_RUN_DIR/receipts" ;;
good) exit 3 ;;
esac
`,
  });
  await autolabJson(root, ['launch']);
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 2: 1, 3: 1 });
  expect(endsOfTasks(root).map(({ state, exit_code: exit }) => [state, exit])).toEqual([
    ['completed', 0],
    ['completed', 0],
    ['completed', 0],
    ['failed', 3],
  ]);
});

test('two launches at once, and Ctrl-C: one run, whose tasks end, and nothing begins after it', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {i: [0, 1, 2, 3]}, max_parallel: 2}',
    command: COMMAND.slice(0, 2),
    entrypoint: `${MARK_TASK}setsid sleep 300 &\nsleep 300\n`,
  });
  const drivers = [startAutolab(root, ['launch', '--json']), startAutolab(root, ['launch', '--json'])];
  await until('two tasks have begun', () => Object.keys(startsOfTasks(root)).length === 2);
  for (const { child } of drivers) child.kill('SIGINT');
  const codes = (await Promise.all(drivers.map(({ ended }) => ended))).map((ended) => parseJson(ended)['code']);
  expect(codes).toContain('run.cancelled');
  const [runId = '', ...others] = runIds(root);
  expect([others, processesOf(runId, root)]).toEqual([[], []]);
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1 });
  expect(endsOfTasks(root).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['cancelled', 1],
    ['cancelled', 1],
    ['cancelled', 0],
    ['cancelled', 0],
  ]);
});

test('a project that is moved while its tasks run keeps their logs and receipts', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {i: [0, 1, 2]}, max_parallel: 1}',
    command: ['bash', '-c', 'echo "$0"; until [ -e experiments/iter1/go ]; do sleep 0.05; done', '{{task.i}}'],
    root: `${temporaryFolder()}/before`,
  });
  await autolab(root, ['launch', '--detach']);
  await until('the first task has begun', () =>
    existsSync(inRun(root, 'iter1', runIds(root)[0] ?? '', 'receipts/0.started')),
  );
  const moved = `${temporaryFolder()}/after`;
  renameSync(root, moved);
  write(moved, 'experiments/iter1/go', '');
  const { json } = await autolabJson(moved, ['resume']);
  expect(json['code'], JSON.stringify(json)).toBe('run.completed');
  expect(endsOfTasks(moved).map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);
  expect(read(moved, `experiments/iter1/runs/${runIds(moved)[0] ?? ''}/tasks/2/stdout.log`)).toBe('2\n');
});
