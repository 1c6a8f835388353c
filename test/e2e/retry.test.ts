import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { edit, makeProject, readJson, runIds, startsOf, write } from '../support/project.ts';
import { eventsOf, expectClosed, hasClaim, historyOf, manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const INCOMPLETE = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

function mend(root: string): void {
  write(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/metrics.json`, '{"accuracy": 1}\n');
}

/** Attempts used up: the project at `human_review`, with its run still open. */
async function usedUp(state: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const root = makeProject({ entrypoint: INCOMPLETE, state: { max_stage_attempts: 2, stage_attempt: 1, ...state } });
  const ended = await autolabJson(root, ['launch']);
  expect([ended.status, ended.json['outcome'], ended.json['code'], ended.json['stage_after']]).toEqual([
    11,
    'human_review',
    'artifacts.missing',
    'human_review',
  ]);
  return root;
}

test('a missing artifact keeps the run open; put there, resume completes it without a second start', async () => {
  const root = makeProject({ entrypoint: INCOMPLETE });
  const first = await autolabJson(root, ['launch']);
  const [runId = ''] = runIds(root);
  expect([first.status, first.json['outcome'], first.json['code'], first.json['status']]).toEqual([
    10,
    'needs_retry',
    'artifacts.missing',
    'synced',
  ]);
  expect(first.json['message']).toContain('metrics.json');
  expect([
    stateOf(root)['stage'],
    stateOf(root)['stage_attempt'],
    stateOf(root)['pending_run_id'],
    hasClaim(root),
  ]).toEqual(['launch', 1, runId, true]);
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
    status: 'needs_retry',
    code: 'artifacts.missing',
    run_id: runId,
    stage_attempt: 1,
  });
  const status = await autolabJson(root, ['status']);
  expect(status.json['message']).toContain('artifacts.missing');

  mend(root);
  const second = await autolabJson(root, ['resume']);
  expect([second.status, second.json['code'], second.json['run_id']]).toEqual([0, 'run.completed', runId]);
  expectClosed(root, COMPLETED, 'mended');
  const steps = manifestOf(root, runId)['steps'] as { name: string; attempts: number }[];
  const attempts = Object.fromEntries(steps.map((step) => [step.name, step.attempts]));
  expect([attempts['execute'], attempts['collect'], attempts['verify_local_artifacts']]).toEqual([1, 2, 2]);
  expect(historyOf(root)).toEqual(['artifacts.missing', 'run.completed']);
});

test('a link in the place of a required artifact is told as such', async () => {
  const root = makeProject({ entrypoint: `${INCOMPLETE}ln -s /etc/hostname "$AUTOLAB_RUN_DIR/metrics.json"\n` });
  const ended = await autolabJson(root, ['launch']);
  expect([ended.status, ended.json['code']]).toEqual([10, 'artifacts.missing']);
  expect(ended.json['message']).toContain('metrics.json (a symbolic link)');
  const [runId = ''] = runIds(root);
  expect((await autolab(root, ['verify', runId])).stdout).toContain('metrics.json is a symbolic link');
});

test('each failure costs one attempt, and the last one hands over to a person', async () => {
  const root = makeProject({ entrypoint: INCOMPLETE, state: { max_stage_attempts: 3 } });
  const told = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const ended = await autolabJson(root, ['launch']);
    told.push([ended.status, ended.json['code'], stateOf(root)['stage'], stateOf(root)['stage_attempt']]);
  }
  expect(told).toEqual([
    [10, 'artifacts.missing', 'launch', 1],
    [10, 'artifacts.missing', 'launch', 2],
    [11, 'artifacts.missing', 'human_review', 3],
    [11, 'state.human_review', 'human_review', 3],
  ]);
  const [runId = '', ...others] = runIds(root);
  expect([others, startsOf(root, runId)]).toEqual([[], 1]);
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'failed', next_stage: 'human_review' });
  const status = await autolabJson(root, ['status']);
  const refused = await autolabJson(root, ['resume']);
  expect([status.status, refused.status]).toEqual([0, 11]);
  // Both say the way that is open: with `resume` alone nobody comes further.
  for (const told of [status, refused]) expect(told.json['hint']).toMatch(/review pass\|retry\|stop.*launch/);
  expect((await autolab(root, ['manifest', '--check'])).status).toBe(0);
});

test('a person decides for another try: the counter begins anew, the run is carried on', async () => {
  const root = await usedUp();
  const decided = await autolabJson(root, ['review', 'retry', '--by', 'ada', '--note', 'copied by hand']);
  expect([decided.status, stateOf(root)['stage'], stateOf(root)['stage_attempt']]).toEqual([0, 'launch', 0]);
  mend(root);
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'review retry');
});

test('with one attempt only, a person can decide for another try as well', async () => {
  const root = await usedUp({ max_stage_attempts: 1, stage_attempt: 0 });
  expect((await autolab(root, ['review', 'retry', '--by', 'ada', '--note', 'n'])).status).toBe(0);
  mend(root);
  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code']]).toEqual([0, 'run.completed']);
  expectClosed(root, COMPLETED, 'review retry with one attempt');
  expect(historyOf(root)).toEqual(['artifacts.missing', 'review.retry', 'run.completed']);
});

test('a person lets it pass, or stops: the run is closed, and its journal says who', async () => {
  for (const [decision, stage, code] of [
    ['pass', 'extract_results', 'run.accepted'],
    ['stop', 'stop', 'run.abandoned'],
  ] as const) {
    const root = await usedUp();
    const [runId = ''] = runIds(root);
    const decided = await autolabJson(root, ['review', decision, '--by', 'ada', '--note', 'seen']);
    expect([decided.status, decided.json['stage_after']], decision).toEqual([0, stage]);
    expectClosed(root, { code, stage, attempt: 0, starts: 1 }, decision);
    expect(eventsOf(root, runId), decision).toContain('review.decided');
    expect(manifestOf(root, runId)['message'], decision).toContain('ada');
    expect((await autolab(root, ['resume'])).status, decision).toBe(0);
  }
});

test('pass is refused while the artifacts are not here', async () => {
  const root = makeProject({
    artifacts: ['metrics.json', '{path: x.bin, from: "{{scratch}}/none"}'],
    state: { max_stage_attempts: 1 },
  });
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('sync.failed');
  const manifest = manifestOf(root, runIds(root)[0] ?? '');
  expect([manifest['status'], manifest['sync'].to_local.reason]).toEqual([
    'partial',
    'the run completed, and its outputs could not be brought back in full',
  ]);
  const pass = await autolabJson(root, ['review', 'pass', '--by', 'ada', '--note', 'n']);
  expect([pass.status, pass.json['code'], stateOf(root)['stage']]).toEqual([12, 'sync.not_ok', 'human_review']);
});

test('what can stand in no record is named, with what to do; done, launch completes the run without a second start', async () => {
  const cases = [
    ['mkfifo "$AUTOLAB_RUN_DIR/in the way"', "'experiments/iter1/runs/r1/in the way'"],
    [
      `'${process.execPath}' -e 'require("net").createServer().listen(process.argv[1], () => process.exit())' "$AUTOLAB_RUN_DIR/in the way"`,
      "'experiments/iter1/runs/r1/in the way'",
    ],
    ['touch "$AUTOLAB_RUN_DIR"/$\'in the way\\xff\'', "'experiments/iter1/runs/r1/in the way\ufffd'"],
  ] as const;
  for (const [make, name] of cases) {
    const root = makeProject({
      entrypoint: `${INCOMPLETE}echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\n${make}\n`,
    });
    const first = await autolabJson(root, ['launch', '--run-id', 'r1']);
    expect([first.status, first.json['code']], make).toEqual([10, 'sync.failed']);
    expect(first.json['hint'], make).toBe(`Remove or rename ${name}, then: autolab launch`);
    expect(readJson(root, '.autolab/agent_result.json')['summary'], make).toContain(`Remove or rename ${name}`);
    const folder = join(root, 'experiments/iter1/runs/r1');
    execFileSync('find', [folder, '-name', 'in the way*', '-delete']);
    expect((await autolab(root, ['launch'])).status, make).toBe(0);
    expectClosed(root, COMPLETED, make);
  }
});

test('cancel closes a run that waits for another try, at launch and at human_review, at no cost', async () => {
  const waiting = makeProject({ entrypoint: INCOMPLETE });
  expect((await autolab(waiting, ['launch'])).status).toBe(10);
  const cancelled = await autolabJson(waiting, ['cancel']);
  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
  expectClosed(waiting, { code: 'run.cancelled', stage: 'launch', attempt: 1, starts: 1 }, 'cancel at launch');
  const review = await usedUp();
  expect((await autolab(review, ['cancel'])).status).toBe(0);
  expectClosed(
    review,
    { code: 'run.cancelled', stage: 'human_review', attempt: 2, starts: 1 },
    'cancel at human_review',
  );
});

test('inputs that change between two tries are told of and not read again', async () => {
  const root = makeProject({ entrypoint: INCOMPLETE });
  expect((await autolab(root, ['launch'])).status).toBe(10);
  edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('metrics.json', 'other.json'));
  edit(root, 'experiments/iter1/review_result.json', (text) => text.replace('"pass"', '"failed"'));
  mend(root);
  const again = await autolab(root, ['launch']);
  expect(again.status).toBe(0);
  expect(again.stderr).toContain('experiments/iter1/design.yaml');
  expectClosed(root, COMPLETED, 'changed inputs');
});
