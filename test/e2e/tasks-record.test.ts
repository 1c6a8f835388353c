import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { killedAt } from '../support/crashes.ts';
import { readJson, runIds } from '../support/project.ts';
import { eventsOf, hasClaim, manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

/** What is recorded of a run with many tasks when it is closed. */

vi.setConfig({ testTimeout: SLOW_MS });

const METRICS = 'echo {} > "$AUTOLAB_TASK_DIR/metrics.json"\n';

/** `ends`: what each task does, by the value of `how`. */
function project(ends: Readonly<Record<string, string>>, options: { readonly time?: string } = {}): string {
  const cases = Object.entries(ends).map(([how, text]) => `${how}) ${text} ;;\n`);
  return makeTaskProject({
    tasks: `{grid: {how: [${Object.keys(ends).join(', ')}]}, max_parallel: 2}`,
    command: ['bash', 'experiments/iter1/main.sh', '{{task.how}}'],
    artifacts: ['metrics.json'],
    entrypoint: `${MARK_TASK}case "$1" in\n${cases.join('')}esac\n${METRICS}`,
    ...(options.time === undefined ? {} : { compute: { time: `"${options.time}"` } }),
  });
}

const run = (root: string): string => runIds(root)[0] ?? '';

function resultsOf(root: string): readonly Record<string, any>[] {
  const text = readFileSync(inRun(root, 'iter1', run(root), 'tasks_result.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, any>);
}

/** All that must hold of the record, whatever came of the tasks. */
async function expectRecorded(root: string, byCode: Readonly<Record<string, number>>): Promise<void> {
  const runId = run(root);
  expect(hasClaim(root)).toBe(false);
  expect(eventsOf(root, runId).filter((event) => event === 'run.closed')).toHaveLength(1);
  expect(manifestOf(root, runId)['tasks'].result.by_code).toEqual(byCode);
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  const verified = await autolabJson(root, ['verify', runId]);
  expect([verified.status, verified.stdout.includes('"fail"')], verified.stdout).toEqual([0, false]);
  const verifiers = verified.json['verifiers'] as { name: string; status: string }[];
  expect(verifiers.find(({ name }) => name === 'tasks')?.status).toBe('pass');
}

it('completes if every task left what it had to leave', async () => {
  const root = project({ a: ':', b: ':' });
  const { status, json, stderr } = await autolabJson(root, ['launch']);
  expect([status, json['code']], stderr).toEqual([0, 'run.completed']);
  await expectRecorded(root, {});
  const manifest = manifestOf(root, run(root));
  expect(manifest['artifacts'].declared).toEqual([{ pattern: 'metrics.json', required: true, matches: 2 }]);
  expect(manifest['tasks'].result).toMatchObject({ by_state: { completed: 2 }, first_failures: [], reused: 0 });
  expect(resultsOf(root)).toMatchObject([
    { index: 0, state: 'completed', params: { how: 'a' }, artifacts: { files: 3, bytes: 3 }, reused_from: null },
    { index: 1, state: 'completed', params: { how: 'b' }, artifacts: { files: 3, bytes: 3 }, reused_from: null },
  ]);
  const listed = readFileSync(inRun(root, 'iter1', run(root), 'artifacts.sha256'), 'utf8');
  expect(listed).toContain('  tasks/1/metrics.json\n');
  expect(listed).not.toMatch(/receipts\/|tasks\.jsonl|tasks_result/);
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'complete', tasks: { completed: 2 } });
});

it('closes a run of which a task completed without its artifact, and does not wait for it', async () => {
  const root = project({ good: ':', empty: 'exit 0', also: ':' });
  const { status, json } = await autolabJson(root, ['launch']);
  expect([status, json['code'], json['message']]).toEqual([
    10,
    'tasks.failed',
    '2 of 3 tasks completed; 1 without a required artifact.',
  ]);
  await expectRecorded(root, { 'tasks.artifact_missing': 1 });
  expect(resultsOf(root)[1]).toMatchObject({
    state: 'failed',
    code: 'tasks.artifact_missing',
    message: 'It completed, but left no metrics.json.',
    exit_code: 0,
    artifacts: { files: 2 },
  });
  expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 1, sync_status: 'ok' });
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
    run_open: false,
    tasks: { completed: 2, failed: 1 },
  });
  // Its outputs were listed before, and nothing was added to them.
  expect(eventsOf(root, run(root))).not.toContain('attempt.failed');
  expect(manifestOf(root, run(root))['artifacts'].partial).toBe(false);
});

it('keeps and digests what failed tasks left, and advises for the one that needs most', async () => {
  const root = project(
    {
      good: ':',
      bad: 'echo half > "$AUTOLAB_TASK_DIR/half"; exit 3',
      quick: 'echo "epoch 4/10"; exec sleep 300',
      slow: 'echo "epoch 1/10"; exec sleep 300',
    },
    { time: '00:00:06' },
  );
  const { status, json } = await autolabJson(root, ['launch']);
  expect([status, json['code']]).toEqual([10, 'tasks.failed']);
  await expectRecorded(root, { 'local.failed': 1, 'local.timeout': 2 });
  const [good, bad] = resultsOf(root);
  expect([good?.['artifacts'].files, bad?.['artifacts'].files]).toEqual([3, 3]);
  const { recommendations } = manifestOf(root, run(root));
  expect(recommendations).toMatchObject([{ pointer: '/compute/time', current: '00:00:06', suggested: '00:02:00' }]);
  expect(recommendations[0].why).toMatch(/^task 3, one of 2 such tasks, was stopped .* "epoch 1\/10"/);
});

it.each(['close.tasks_result_written', 'journal.close.run.closed.before'])(
  'says the same if the driver dies at %s',
  async (place) => {
    const root = project({ good: ':', bad: 'exit 3' });
    await killedAt(root, place, ['launch']);
    const before = readFileSync(inRun(root, 'iter1', run(root), 'tasks_result.jsonl'), 'utf8');
    const resumed = await autolabJson(root, ['resume']);
    expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([10, 'tasks.failed']);
    expect(readFileSync(inRun(root, 'iter1', run(root), 'tasks_result.jsonl'), 'utf8')).toBe(before);
    await expectRecorded(root, { 'local.failed': 1 });
    expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1 });
  },
);

it('tells of each task that it was not started, if the list is not the approved one', async () => {
  const root = project({ a: ':', b: ':' });
  await killedAt(root, 'journal.render-prompt.step.outcome.after', ['launch']);
  writeFileSync(inRun(root, 'iter1', run(root), 'tasks.jsonl'), '{"index":0,"params":{"how":"c"}}\n');
  const { json } = await autolabJson(root, ['launch']);
  expect(json['code']).toBe('tasks.changed');
  expect(resultsOf(root)).toMatchObject([
    { state: 'not_started', code: 'tasks.not_started', params: {}, attempts: 0 },
    { state: 'not_started', code: 'tasks.not_started', params: {}, attempts: 0 },
  ]);
  expect(startsOfTasks(root)).toEqual({});
  expect(existsSync(inRun(root, 'iter1', run(root), 'run_manifest.json'))).toBe(true);
});
