import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { begun, hasClaim, letEnd, processesOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const ALPHA = { AUTOLAB_TEST_HOST: 'alpha', AUTOLAB_TEST_BOOT_ID: 'a', AUTOLAB_TEST_MACHINE_ID: 'a' };
const BETA = { AUTOLAB_TEST_HOST: 'beta', AUTOLAB_TEST_BOOT_ID: 'b', AUTOLAB_TEST_MACHINE_ID: 'b' };
const FORCE = ['cancel', '--force', '--by', 'ada', '--note', 'alpha was scrapped'];

test('a run of tasks is given up from another host: what has not begun never begins, whatever still lives there', async () => {
  const root = makeTaskProject({ tasks: '{grid: {n: [0, 1, 2]}, max_parallel: 2}', entrypoint: MARK_TASK + WAITING });
  const driver = startAutolab(root, ['launch'], { env: ALPHA });
  const runId = await begun(root);
  await until('two tasks have begun', () => Object.keys(startsOfTasks(root, runId)).length === 2);
  driver.child.kill('SIGKILL');
  await driver.ended;
  const refused = await autolabJson(root, FORCE, { env: ALPHA });
  expect([refused.status, refused.json['code']]).toEqual([12, 'run.not_abandonable']);
  expect(refused.json['message']).toContain('The run is alive');

  const folder = join(root, '.autolab');
  for (const name of readdirSync(folder).filter((name) => name.startsWith('driver.lock.')))
    utimesSync(join(folder, name), new Date(0), new Date(0));
  expect((await autolabJson(root, ['unlock', '--run', runId], { env: BETA })).json['code']).toBe('ok');
  const given = await autolabJson(root, FORCE, { env: BETA });
  expect([given.status, given.json['code']], given.stderr).toEqual([10, 'run.abandoned']);
  expect(hasClaim(root)).toBe(false);
  const lines = readFileSync(inRun(root, 'iter1', runId, 'tasks_result.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const ends = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(ends.map(({ state, attempts }) => `${String(state)} ${String(attempts)}`)).toEqual([
    'end_unknown 1',
    'end_unknown 1',
    'not_started 0',
  ]);

  letEnd(root, runId);
  await until('what lived on ends by itself', () => processesOf(runId).length === 0);
  expect(startsOfTasks(root, runId)).toEqual({ 0: 1, 1: 1 });
});
