import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { crashLog } from '../support/crashes.ts';
import { runIds, until } from '../support/project.ts';
import { eachOf, kill, lives, pidIn, processesOf, SLOW_MS, supervisorOf } from '../support/runs.ts';
import { endsOfTasks, makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COUNT = 6;

function project(entrypoint: string): string {
  return makeTaskProject({
    tasks: `{grid: {i: [${Array.from({ length: COUNT }, (_, index) => index).join(', ')}]}, max_parallel: 2}`,
    command: ['bash', 'experiments/iter1/main.sh', '{{task.i}}'],
    entrypoint: `${MARK_TASK}${entrypoint}`,
  });
}

/** What the record says of each task, and what the tasks themselves say, must agree; nothing lives. */
function expectTrue(root: string, place: string): void {
  const [runId = ''] = runIds(root);
  const starts = startsOfTasks(root);
  for (const { index, state, attempts } of endsOfTasks(root)) {
    const began = starts[String(index)] ?? 0;
    const where = `${place}: task ${String(index)} is ${String(state)} and began ${began} times`;
    if (state === 'end_unknown') expect(began, where).toBeLessThanOrEqual(1);
    else expect(began, where).toBe(attempts);
    if (state === 'completed') expect(began, where).toBe(1);
    if (state === 'not_started') expect(began, where).toBe(0);
  }
  expect(processesOf(runId, root), place).toEqual([]);
}

test('a supervisor killed at any place: what it recorded counts, nothing begins twice, and nothing lives on', async () => {
  const log = crashLog();
  await autolab(project('exit 3'), ['launch'], { env: log.env });
  const places = log
    .of('supervisor.js')
    .filter((place) => place.startsWith('supervisor.task_') || /task_exits/.test(place));
  expect(places).toEqual(
    expect.arrayContaining(['supervisor.task_claimed', 'supervisor.task_started', 'supervisor.task_recorded']),
  );
  await eachOf([...places, 'supervisor.task_ended#3', 'supervisor.task_started#4'], async (place) => {
    const root = project('exit 3');
    const ended = await autolabJson(root, ['launch'], { env: { AUTOLAB_CRASH_AT: place } });
    expect(['tasks.failed', 'tasks.unfinished'], place).toContain(ended.json['code']);
    expectTrue(root, place);
  });
});

test('supervisors killed at odd moments', async () => {
  await eachOf([20, 150, 400], async (ms) => {
    const root = project('sleep 0.2');
    const driver = startAutolab(root, ['launch', '--json']);
    await until('a task has begun', () => Object.keys(startsOfTasks(root)).length > 0);
    const supervisor = await supervisorOf(root, runIds(root)[0] ?? '');
    await pause(ms);
    kill(supervisor);
    await driver.ended;
    expectTrue(root, `after ${ms} ms`);
  });
});

test('a driver killed while tasks run: the next one follows them to their end', async () => {
  const root = project('sleep 0.3; exit 3');
  const driver = startAutolab(root, ['launch', '--json']);
  await until('a task has begun', () => Object.keys(startsOfTasks(root)).length > 0);
  driver.child.kill('SIGKILL');
  await driver.ended;
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('tasks.failed');
  expectTrue(root, 'resumed');
  expect(endsOfTasks(root).map(({ code }) => code)).toEqual(Array.from({ length: COUNT }, () => 'local.failed'));
});

test('a worker killed by hand: the end of its task is unknown, and the others go on', async () => {
  const root = project('[ "$1" != 0 ] || { echo $PPID > "$AUTOLAB_RUN_DIR/worker"; exec sleep 300; }');
  const driver = startAutolab(root, ['launch', '--json']);
  await until('the first task has begun', () => startsOfTasks(root)['0'] === 1);
  const worker = await pidIn(root, runIds(root)[0] ?? '', 'worker');
  kill(worker);
  expect(parseJson(await driver.ended)['code']).toBe('tasks.unfinished');
  expect(endsOfTasks(root).map(({ state }) => state)).toEqual([
    'end_unknown',
    ...Array.from({ length: COUNT - 1 }, () => 'completed'),
  ]);
  expectTrue(root, 'the worker is gone');
  expect(lives(worker)).toBe(false);
});
