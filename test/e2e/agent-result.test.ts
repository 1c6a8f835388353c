import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { durable, killedAt, placesOf } from '../support/crashes.ts';
import { edit, json, makeProject, read, readJson, runIds, treeDigest, until, write } from '../support/project.ts';
import { begun, eachOf, hasClaim, letEnd, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

/** agent_result.json for a program that reads nothing else: it says `complete` of a run that is over and verified. */

const RESULT = '.autolab/agent_result.json';

const resultIn = (root: string): Record<string, any> => readJson(root, RESULT);

/** What an older run left. */
const OLD = json({ status: 'complete', run_id: 'older', summary: 'The run completed.', completion_token_seen: true });

function withOldResult(options: Parameters<typeof makeProject>[0] = {}): string {
  const root = makeProject(options);
  write(root, RESULT, OLD);
  return root;
}

const OPEN = { status: 'needs_retry', completion_token_seen: false, run_open: true, next_command: 'autolab resume' };
/** By a driver that has not said more. */
const BEGUN = { ...OPEN, next_command: 'autolab launch' };
const COMPLETE = { status: 'complete', completion_token_seen: true, run_open: false, next_command: 'autolab extract' };

describe('agent_result.json', () => {
  it('says that the run is open at every exit that leaves it, and complete at its end', async () => {
    const root = withOldResult({ entrypoint: WAITING });

    const detached = await autolabJson(root, ['launch', '--detach']);
    const runId = await begun(root);

    expect(detached.json['code']).toBe('run.submitted');
    expect(resultIn(root)).toMatchObject({ ...OPEN, code: 'run.submitted', run_id: runId, attempt_counted: false });

    const waited = await autolabJson(root, ['resume', '--wait-timeout', '1']);
    expect(waited.status).toBe(14);
    expect(resultIn(root)).toMatchObject({ ...OPEN, code: 'run.still_going', run_id: runId });

    const interrupted = startAutolab(root, ['resume', '--on-interrupt', 'detach']);
    await until('the driver follows the run', () => resultIn(root)['code'] === 'run.undetermined');
    interrupted.child.kill('SIGINT');
    expect((await interrupted.ended).status).toBe(130);
    expect(resultIn(root)).toMatchObject({ ...OPEN, code: 'interrupted', run_id: runId });

    letEnd(root, runId);
    expect((await autolab(root, ['resume'])).status).toBe(0);
    expect(resultIn(root)).toMatchObject({ ...COMPLETE, code: 'run.completed', run_id: runId });
  });

  it('never says complete while a driver is at work, nor after it was killed', async () => {
    const root = withOldResult({ entrypoint: WAITING });
    const driver = startAutolab(root, ['launch']);
    const runId = await begun(root);

    expect(resultIn(root)).toMatchObject({ ...BEGUN, run_id: runId });
    driver.child.kill('SIGKILL');
    await driver.ended;
    expect(resultIn(root)).toMatchObject({ ...BEGUN, run_id: runId });

    letEnd(root, runId);
    expect((await autolab(root, ['launch'])).status).toBe(0);
    expect(resultIn(root)).toMatchObject({ ...COMPLETE, run_id: runId });
  });

  it('is the same after a kill at any place of a launch: complete only once the run is closed', async () => {
    const options = {
      entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho {} > "$AUTOLAB_RUN_DIR/metrics.json"\n',
    };
    const passed = durable(await placesOf(withOldResult(options), ['launch']));
    // Between those the file is not written; test/crash goes to all of them.
    const places = passed.filter((place) => /^claim|^close|agent_result|state\.json|run\.(opened|closed)/.test(place));
    expect(places).toContain('claim.result_retracted');
    await eachOf(places, async (place) => {
      const root = withOldResult(options);
      await killedAt(root, place, ['launch']);
      const { status, run_id: runId } = resultIn(root) as { status: string; run_id: string | null };
      if (hasClaim(root)) expect(status === 'complete' && runId === 'older', place).toBe(false);
      if (status === 'complete' && runId !== 'older')
        expect(stateOf(root), place).toMatchObject({ stage: 'extract_results', last_run_id: runId });
      expect(
        (await autolab(root, ['launch'])).status === 0 || stateOf(root)['stage'] === 'extract_results',
        place,
      ).toBe(true);
      expect(resultIn(root), place).toMatchObject({ ...COMPLETE, run_id: runIds(root)[0] });
    });
  });

  it('does not call a run open for ever which never was: resume and cancel say that there is none', async () => {
    for (const command of ['resume', 'cancel']) {
      const root = withOldResult();
      await killedAt(root, 'claim.result_retracted', ['launch']);
      expect(resultIn(root)).toMatchObject(BEGUN);
      expect(hasClaim(root)).toBe(false);

      expect((await autolabJson(root, [command])).json['code'], command).toBe('run.none_active');

      expect(resultIn(root), command).toMatchObject({
        status: 'needs_retry',
        code: 'run.none_active',
        run_open: false,
        next_command: 'autolab launch',
      });
    }
  });

  it.each([
    ['a wrong option', ['launch', '--no-such-option'], 2],
    ['a dry run', ['launch', '--dry-run'], 0],
    ['a closed experiment', ['launch'], 12],
  ])('is left alone by %s', async (what, words, status) => {
    const root = withOldResult();
    if (status === 12) edit(root, '.autolab/backlog.yaml', (text) => text.replaceAll('status: open', 'status: done'));
    const before = treeDigest(root);

    expect((await autolab(root, words)).status, what).toBe(status);

    expect(treeDigest(root)).toBe(before);
  });

  it('of another run does not outlast a refusal while a run is open: 13 and 12 take `complete` back', async () => {
    const root = makeProject({ entrypoint: WAITING });
    expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
    const runId = await begun(root);

    write(root, RESULT, OLD);
    expect((await autolab(root, ['launch', '--run-id', 'another'])).status).toBe(13);
    expect(resultIn(root)).toMatchObject({ ...BEGUN, run_id: runId });

    const other = read(root, RESULT);
    expect((await autolab(root, ['launch', '--run-id', 'another'])).status).toBe(13);
    expect(read(root, RESULT), 'what is true stays').toBe(other);

    write(root, RESULT, OLD);
    write(root, '.autolab/backlog.yaml', 'experiments: [\n');
    expect((await autolab(root, ['resume'])).status).toBe(12);
    expect(resultIn(root)).toMatchObject({ ...BEGUN, run_id: runId });

    expect((await autolab(root, ['cancel'])).status).toBe(0);
    expect(resultIn(root)).toMatchObject({ status: 'needs_retry', code: 'run.cancelled', run_open: false });
  });

  it('says what was counted, and hands over to a person once all attempts are used', async () => {
    const root = makeProject({
      entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n',
      state: { max_stage_attempts: 2 },
    });
    expect((await autolab(root, ['launch'])).status).toBe(10);
    expect(resultIn(root)).toMatchObject({
      ...OPEN,
      code: 'artifacts.missing',
      attempt_counted: true,
      stage_attempt: 1,
    });

    expect((await autolab(root, ['launch'])).status).toBe(11);
    const review = 'autolab review pass|retry|stop --by WHO --note TEXT';
    expect(resultIn(root)).toMatchObject({ status: 'failed', run_open: true, next_command: review });

    expect((await autolab(root, ['review', 'retry', '--by', 'ada', '--note', 'n'])).status).toBe(0);
    expect(resultIn(root)).toMatchObject({
      ...OPEN,
      code: 'artifacts.missing',
      next_stage: 'launch',
      stage_attempt: 0,
    });

    expect((await autolab(root, ['launch'])).status).toBe(10);
    expect((await autolab(root, ['launch'])).status).toBe(11);
    expect((await autolab(root, ['review', 'pass', '--by', 'ada', '--note', 'n'])).status).toBe(0);
    expect(resultIn(root)).toMatchObject({ ...COMPLETE, code: 'run.accepted', next_stage: 'extract_results' });
  });

  it('does not say complete if the state could not be moved on', async () => {
    const root = withOldResult({ entrypoint: WAITING });
    const driver = startAutolab(root, ['launch', '--json']);
    const runId = await begun(root);
    edit(root, '.autolab/state.json', (text) => text.replace('"stage": "launch"', '"stage": "design"'));
    letEnd(root, runId);

    expect((await driver.ended).status).toBe(13);
    expect(resultIn(root)).toMatchObject({ status: 'needs_retry', code: 'state.changed', run_open: false });
    expect(resultIn(root)['summary']).toContain('stage design');
  });

  it('says that the gate refused, and that no run is open', async () => {
    const root = withOldResult();
    edit(root, 'experiments/iter1/review_result.json', (text) => text.replace('"pass"', '"failed"'));

    expect((await autolab(root, ['launch'])).status).toBe(10);

    expect(resultIn(root)).toMatchObject({
      status: 'needs_retry',
      run_open: false,
      run_id: null,
      next_command: 'autolab advance',
    });
    expect(existsSync(inRun(root, 'iter1', 'x', '..'))).toBe(false);
  });
});
