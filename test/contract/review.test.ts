import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace } from '../support/contract.ts';
import { json, makeProject, readJson, runIds, startsOf, write } from '../support/project.ts';
import { begun, eventsOf, hasClaim, manifestOf, processesOf, stateOf, WAITING } from '../support/runs.ts';

/** R27: only a person leaves `human_review`. */

const WHO = ['--by', 'ada', '--note', 'looked at it'];

function inReview(state: Readonly<Record<string, unknown>> = {}): string {
  return makeProject({
    state: {
      stage: 'human_review',
      stage_attempt: 3,
      last_run_id: 'r1',
      sync_status: 'failed',
      their_own: 7,
      ...state,
    },
  });
}

describe('autolab review', () => {
  it.each([
    ['retry', 'launch', 'failed'],
    ['stop', 'stop', 'failed'],
    ['pass', 'extract_results', 'ok'],
    ['pass', 'extract_results', 'completed'],
    ['pass', 'extract_results', 'success'],
  ])('%s sends the workflow to %s (sync %s), and remembers who and why', async (decision, stage, sync) => {
    const root = inReview({ sync_status: sync });

    const decided = await call(root, ['review', decision, ...WHO]);

    expect(decided).toMatchObject({
      status: 0,
      json: { outcome: 'ok', stage_before: 'human_review', stage_after: stage, stage_attempt: 0 },
    });
    const state = stateOf(root);
    expect(state).toMatchObject({ stage, stage_attempt: 0, their_own: 7, last_run_id: 'r1', sync_status: sync });
    expect(state['history']).toMatchObject([
      { by: 'ada', note: 'looked at it', code: `review.${decision}`, stage_before: 'human_review', stage_after: stage },
    ]);
  });

  it.each(['failed', 'pending', '', 'OK?'])(
    'does not let pass what is not here and verified (sync %j)',
    async (sync) => {
      const root = inReview({ sync_status: sync });

      const refused = await callWithoutTrace(root, ['review', 'pass', ...WHO]);

      expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'sync.not_ok' } });
      expect(refused.json['hint']).toMatch(/autolab review retry .*autolab review stop /);
    },
  );

  it.each([
    [['review', 'retry']],
    [['review', 'retry', '--by', 'ada']],
    [['review', 'retry', '--note', 'x']],
    [['review', 'retry', '--by', 'ada', '--note', ' ']],
    [['review', 'maybe', ...WHO]],
  ])('wants a decision, a name and a reason: %j', async (words) => {
    const root = inReview();

    const off = await callWithoutTrace(root, words);

    expect(off).toMatchObject({ status: 2, json: { outcome: 'usage' } });
  });

  it('has nothing to decide at another stage', async () => {
    const root = makeProject();

    for (const decision of ['pass', 'retry', 'stop']) {
      const refused = await callWithoutTrace(root, ['review', decision, ...WHO]);
      expect(refused, decision).toMatchObject({ status: 12, json: { code: 'state.not_in_review' } });
    }
  });
});

describe('a run that used the attempts up', () => {
  it('and failed cannot pass; after retry a new run is made', async () => {
    const root = makeProject({ entrypoint: 'exit 1\n', state: { max_stage_attempts: 1 } });

    const failed = await call(root, ['launch', '--run-id', 'r1']);
    const refused = await callWithoutTrace(root, ['review', 'pass', ...WHO]);
    await call(root, ['review', 'retry', ...WHO]);
    write(root, 'experiments/iter1/main.sh', 'echo 1 > "$AUTOLAB_RUN_DIR/metrics.json"\n');
    const launched = await call(root, ['launch', '--run-id', 'r2']);

    expect(failed).toMatchObject({
      status: 11,
      json: { outcome: 'human_review', code: 'local.failed', stage_after: 'human_review', stage_attempt: 1 },
    });
    expect(failed.json['hint']).toContain('autolab review');
    expect(refused).toMatchObject({ status: 12, json: { code: 'sync.not_ok' } });
    expect(refused.json['message']).toContain('r1');
    expect(refused.json['hint']).toMatch(/new run: autolab review retry .*autolab review stop /);
    expect(refused.json['hint']).not.toContain('resume');
    expect(launched).toMatchObject({ status: 0, json: { run_id: 'r2', stage_after: 'extract_results' } });
    expect(runIds(root)).toEqual(['r1', 'r2']);
  });

  it('is not stopped while its entrypoint may be alive: it is cancelled first', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await call(root, ['launch', '--detach', '--run-id', 'r1']);
    await begun(root);
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'human_review' }));

    const refused = await call(root, ['review', 'stop', ...WHO]);
    const cancelled = await call(root, ['cancel']);

    expect([refused.json['code'], refused.json['hint']]).toEqual([
      'run.not_abandonable',
      'Stop it first: autolab cancel',
    ]);
    expect([cancelled.json['code'], hasClaim(root), processesOf('r1', root)]).toEqual(['run.cancelled', false, []]);
  });

  const MISSING = { entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n', state: { max_stage_attempts: 1 } };

  it.each([
    ['pass', 'extract_results', 'run.accepted'],
    ['stop', 'stop', 'run.abandoned'],
  ])(
    'and is still open, for want of an artifact, is closed by %s, and the journal says who decided',
    async (decision, stage, code) => {
      const root = makeProject(MISSING);

      const waiting = await call(root, ['launch', '--run-id', 'r1']);
      const decided = await call(root, ['review', decision, ...WHO]);

      expect(waiting).toMatchObject({
        status: 11,
        json: { outcome: 'human_review', code: 'artifacts.missing', run_id: 'r1' },
      });
      expect(waiting.json['message']).toContain('metrics.json');
      expect(decided).toMatchObject({ status: 0, json: { outcome: 'ok', stage_after: stage } });
      expect(stateOf(root)).toMatchObject({ stage, stage_attempt: 0, last_run_id: 'r1', pending_run_id: '' });
      expect(hasClaim(root)).toBe(false);
      expect(eventsOf(root, 'r1').slice(-2)).toEqual(['review.decided', 'run.closed']);
      expect(manifestOf(root, 'r1')).toMatchObject({ code });
      expect(await call(root, ['manifest', 'r1', '--check'])).toMatchObject({ status: 0 });
      const verified = await call(root, ['verify', 'r1']);
      expect(verified).toMatchObject({ status: 0, json: { outcome: 'ok' } });
      const verifiers = verified.json['verifiers'] as { name: string; status: string; message: string }[];
      const artifacts = verifiers.find((verifier) => verifier.name === 'required_artifacts');
      expect(artifacts?.status).toBe('warn');
      if (decision === 'pass') expect(artifacts?.message).toMatch(/accepted by ada.*metrics\.json/);
    },
  );

  it('and is still open goes on after retry, from the step that failed: the entrypoint is not started again', async () => {
    const root = makeProject(MISSING);
    await call(root, ['launch', '--run-id', 'r1']);

    await call(root, ['review', 'retry', ...WHO]);
    write(root, 'experiments/iter1/runs/r1/metrics.json', '{"accuracy": 1}\n');
    const resumed = await call(root, ['launch']);

    expect(resumed).toMatchObject({
      status: 0,
      json: { code: 'run.completed', run_id: 'r1', stage_after: 'extract_results', stage_attempt: 0 },
    });
    expect(startsOf(root, 'r1')).toBe(1);
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'complete' });
  });
});
