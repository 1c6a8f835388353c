import { expect, test, vi } from 'vitest';
import { autolabJson, startAutolab } from '../support/autolab.ts';
import { family, randomFrom, SEED, selected, size } from '../support/campaign.ts';
import { closedPlaces, killedAt, placesOf } from '../support/crashes.ts';
import { runIds } from '../support/project.ts';
import { eachOf, expectClosed, manifestOf, SLOW_MS } from '../support/runs.ts';
import { makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

/** A run with many tasks whose driver is killed: every task begins once, and each is told once. */

vi.setConfig({ testTimeout: size(10, 1) * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 3 };

const { count } = family('crash matrix, many tasks, local');

function project(): string {
  return makeTaskProject({
    tasks: '{grid: {seed: [0, 1, 2]}, max_parallel: 2}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.seed}}'],
    artifacts: ['metrics.json'],
    entrypoint: `${MARK_TASK}echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{\\"seed\\": $1}" > "$AUTOLAB_TASK_DIR/metrics.json"\n`,
  });
}

function expectTasks(root: string, what: string): void {
  expectClosed(root, COMPLETED, what);
  expect(startsOfTasks(root), what).toEqual({ 0: 1, 1: 1, 2: 1 });
  expect(manifestOf(root, runIds(root)[0] ?? '')['tasks'].result.by_state, what).toEqual({ completed: 3 });
  count('completed, one start a task');
}

test('killed at any place, a launch of tasks is carried on by the next one', async () => {
  const places = await placesOf(project(), ['launch']);
  expect(places).toContain('close.tasks_result_written');
  const closed = closedPlaces(places);
  await eachOf(selected(places, 2), async (place) => {
    const root = project();
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch']);
    const expected = closed.includes(place) ? [12, 'state.wrong_stage'] : [0, 'run.completed'];
    expect([again.status, again.json['code']], place).toEqual(expected);
    expectTasks(root, place);
  });
});

test('killed at random instants, it is too', async () => {
  const random = randomFrom(SEED);
  const instants = Array.from({ length: size(100, 2) }, () => Math.round(random() * 1500));
  await eachOf(instants, async (instant) => {
    const root = project();
    const running = startAutolab(root, ['launch']);
    const timer = setTimeout(() => running.child.kill('SIGKILL'), instant);
    await running.ended;
    clearTimeout(timer);
    const last = await autolabJson(root, ['launch']);
    const what = `seed ${SEED}, killed after ${instant} ms`;
    expect(['run.completed', 'state.wrong_stage'], what).toContain(last.json['code']);
    expectTasks(root, what);
  });
});
