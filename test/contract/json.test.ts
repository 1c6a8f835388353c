import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../src/errors/catalog.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call, RESULT_KEYS } from '../support/contract.ts';
import { makeProject, readJson, runIds, temporaryFolder, write } from '../support/project.ts';
import { begun, letEnd, WAITING } from '../support/runs.ts';

/** X8: scripts get one object, with every key, a stable code, and an exit status that says the same. */

/** Keys that are null or empty here must still be there; `call` looks at that for every answer. */
type Expected = readonly [status: number, outcome: string, code: string];

async function expectAnswer(
  root: string,
  words: readonly string[],
  [status, outcome, code]: Expected,
): Promise<Record<string, any>> {
  const ended = await call(root, words);
  expect({ status: ended.status, outcome: ended.json['outcome'], code: ended.json['code'] }, words.join(' ')).toEqual({
    status,
    outcome,
    code,
  });
  expect(ended.stdout.endsWith('}\n')).toBe(true);
  expect(ended.stderr, words.join(' ')).toBe('');
  expect(ended.json).toMatchObject({ schema_version: '1.0', command: words[0] });
  expect(ended.json['message']).not.toBe('');
  expect(Object.keys(CATALOG)).toContain(code);
  for (const path of [
    ended.json['run_dir'],
    ...(ended.json['problems'] as { file: string }[]).map(({ file }) => file),
  ]) {
    expect(String(path), 'paths are relative').not.toMatch(/^\//);
  }
  return ended.json;
}

describe('one JSON object on stdout and nothing else', () => {
  it('when all goes well', async () => {
    const root = makeProject();

    await expectAnswer(root, ['status'], [0, 'ok', 'run.none_active']);
    const launched = await expectAnswer(root, ['launch', '--run-id', 'r1'], [0, 'completed', 'run.completed']);
    const idle = await expectAnswer(root, ['resume'], [0, 'ok', 'run.none_active']);
    await expectAnswer(root, ['cancel'], [0, 'ok', 'run.none_active']);

    expect(launched).toMatchObject({
      iteration_id: 'iter1',
      experiment_id: 'e1',
      run_id: 'r1',
      run_dir: 'experiments/iter1/runs/r1',
      host_mode: 'local',
      job_id: null,
      cluster: null,
      status: 'completed',
      artifact_sync_status: 'ok',
      stage_before: 'launch',
      stage_after: 'extract_results',
      stage_attempt: 0,
      max_stage_attempts: 3,
      problems: [],
      recommendations: [],
    });
    for (const key of ['run_id', 'run_dir', 'job_id', 'status', 'stage_after', 'stage_attempt'])
      expect(idle[key], key).toBeNull();
  });

  it('while a run goes on, and when it is cancelled', async () => {
    const root = makeProject({ entrypoint: WAITING });

    const detached = await expectAnswer(root, ['launch', '--detach'], [0, 'submitted', 'run.submitted']);
    const runId = await begun(root);
    const status = await expectAnswer(root, ['status'], [0, 'ok', 'ok']);
    await expectAnswer(root, ['resume', '--wait-timeout', '0'], [14, 'undetermined', 'run.still_going']);
    const conflict = await expectAnswer(root, ['launch', '--run-id', 'another'], [13, 'conflict', 'run.other_active']);
    const cancelled = await expectAnswer(root, ['cancel'], [0, 'cancelled', 'run.cancelled']);

    expect(detached).toMatchObject({ run_id: runId, status: 'running', artifact_sync_status: 'pending' });
    expect(status).toMatchObject({
      run_id: runId,
      step: 'execute',
      driver: 'nobody',
      status: 'running',
      stage_before: 'launch',
    });
    expect(status['elapsed_seconds']).toBeGreaterThanOrEqual(0);
    expect(conflict).toMatchObject({ run_id: runId });
    expect(conflict['hint']).toMatch(/autolab (?:resume|cancel)/);
    // A person's cancel costs no attempt.
    expect(cancelled).toMatchObject({ run_id: runId, status: 'failed', stage_after: 'launch', stage_attempt: 0 });
    expect(runIds(root)).toEqual([runId]);
  });

  it('when the run ended badly, with advice where there is some', async () => {
    const failing = makeProject({ entrypoint: 'exit 3\n' });
    const slow = makeProject({
      entrypoint: 'sleep 60\n',
      compute: { time: '"00:00:01"' },
      state: { max_stage_attempts: 1 },
    });

    await expectAnswer(failing, ['launch'], [10, 'needs_retry', 'local.failed']);
    const timedOut = await expectAnswer(slow, ['launch'], [11, 'human_review', 'local.timeout']);

    expect(timedOut['recommendations']).toMatchObject([
      { file: 'experiments/iter1/design.yaml', pointer: '/compute/time', current: '00:00:01' },
    ]);
    for (const key of ['suggested', 'why']) expect(timedOut['recommendations'][0][key], key).toMatch(/./);
    await expectAnswer(slow, ['launch'], [11, 'human_review', 'state.human_review']);
  });

  it('when a guard or the gate says no', async () => {
    const root = makeProject();
    write(
      root,
      'experiments/iter1/design.yaml',
      'id: d1\niteration_id: iter1\ncompute: {location: local, time: never}\n',
    );
    const broken = makeProject();
    write(broken, '.autolab/state.json', '{');

    const gate = await expectAnswer(root, ['launch'], [10, 'needs_retry', 'design.invalid']);
    await expectAnswer(root, ['launch'], [12, 'refused', 'state.wrong_stage']);
    for (const verb of ['launch', 'status']) {
      const refused = await expectAnswer(broken, [verb], [12, 'refused', 'state.invalid']);
      expect(refused['problems']).toMatchObject([{ file: '.autolab/state.json', line: 1, code: 'file.syntax' }]);
    }
    for (const verb of ['launch', 'resume', 'cancel', 'status'])
      await expectAnswer(temporaryFolder(), [verb], [12, 'refused', 'project.not_found']);

    for (const problem of gate['problems'] as object[]) {
      expect(Object.keys(problem)).toEqual(
        expect.arrayContaining(['file', 'line', 'column', 'pointer', 'code', 'message']),
      );
    }
  });

  it('when the words of the call are off', async () => {
    const root = makeProject();

    for (const words of [
      ['launch', '--nope'],
      ['launch', '--wait-timeout', 'soon'],
      ['launch', '--on-interrupt', 'panic'],
      ['status', 'too', 'many'],
      ['resume', '--wait-timeout', '-1'],
    ]) {
      await expectAnswer(root, words, [2, 'usage', 'usage']);
    }
    const unknown = await autolabJson(root, ['lanch']);
    expect(unknown).toMatchObject({ status: 2, json: { outcome: 'usage', code: 'usage' } });
    for (const key of RESULT_KEYS) expect(unknown.json).toHaveProperty(key);
  });

  it('whatever is called: every verb answers in JSON', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    const verbs = [
      ['doctor'],
      ['logs'],
      ['runs'],
      ['verify'],
      ['manifest'],
      ['manifest', '--check'],
      ['todo', 'list'],
      ['render', '--stdout'],
      ['lint-script', '--prologue'],
      ['lint-script', 'experiments/iter1/launch/run_local.sh'],
    ];

    for (const words of verbs) {
      const ended = await call(root, words);
      expect({ status: ended.status, code: ended.json['code'] }, words.join(' ')).toEqual({ status: 0, code: 'ok' });
      expect(ended.stderr, words.join(' ')).toBe('');
    }
    for (const words of [
      ['review', 'pass', '--by', 'ada', '--note', 'x'],
      ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'x'],
      ['unlock', '--run', 'r1'],
      ['logs', 'r9'],
      ['code', 'r1', '--checkout', '.'],
      ['todo', 'done', 't9'],
    ]) {
      const ended = await call(root, words);
      expect(ended.status, `${words.join(' ')}: ${String(ended.json['code'])}`).toBe(
        ended.json['code'] === 'run.none_active' ? 0 : 12,
      );
    }
  });
});

describe('the same without --json', () => {
  it('puts the result on stdout, progress on stderr, and what went wrong on stderr', async () => {
    const root = makeProject();

    const launched = await autolab(root, ['launch', '--run-id', 'r1']);
    const refused = await autolab(root, ['launch']);

    expect(launched.stdout).toMatch(
      /^completed: .*\[run\.completed\]\n {2}run: experiments\/iter1\/runs\/r1\n {2}report: experiments\/iter1\/runs\/r1\/report\.html\n {2}stage: launch → extract_results\n {2}next: /,
    );
    expect(launched.stderr).toMatch(/^execute: done/m);
    expect(refused).toMatchObject({ status: 12, stdout: '' });
    expect(refused.stderr).toMatch(/^refused: .*\[state\.wrong_stage\]/);
  });

  it('says less with --quiet, and more with --json --verbose, on stderr only', async () => {
    const [quietRoot, verboseRoot] = [makeProject(), makeProject()];

    const quiet = await autolab(quietRoot, ['launch', '--quiet']);
    const verbose = await autolab(verboseRoot, ['launch', '--json', '--verbose']);

    expect(quiet.stderr).toBe('');
    expect(JSON.parse(verbose.stdout)).toMatchObject({ code: 'run.completed' });
    expect(verbose.stderr).toMatch(/^execute: done/m);
  });

  it('uses no colours where nobody sees them, and asks nothing', async () => {
    const root = makeProject();

    const ended = await autolab(root, ['launch'], { env: { NO_COLOR: undefined, FORCE_COLOR: undefined }, stdin: '' });

    expect(ended.status).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
    expect(readJson(root, '.autolab/state.json')).toMatchObject({ stage: 'extract_results' });
  });

  it('follows a detached run to its end with resume', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const detached = await autolab(root, ['launch', '--detach']);
    const runId = await begun(root);
    letEnd(root, runId);

    const resumed = await autolab(root, ['resume']);

    expect(detached.stdout).toMatch(/^submitted: .*\n.*\n {2}next: .*autolab resume/);
    expect(resumed).toMatchObject({ status: 0 });
    expect(resumed.stderr).toContain(`continuing run ${runId}`);
  });
});
