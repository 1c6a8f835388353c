import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace } from '../support/contract.ts';
import { changeReview, REASONS } from '../support/gate-reasons.ts';
import { json, makeProject, read, readJson, runIds, write } from '../support/project.ts';
import { hasClaim, stateOf } from '../support/runs.ts';

/** R4, R6, R27, X14: every reason has its own code and its own way back, and costs an attempt if the experiment owns it. */

describe('the gate', () => {
  it.each(REASONS)('$code because $because: back to $next', async ({ code, next, break: spoil, said, free }) => {
    const root = makeProject({ state: { their_own_key: { kept: 'yes' } } });
    spoil(root);
    const counted = free !== true;
    const attempt = counted ? 1 : 0;

    const { status, json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect(status).toBe(10);
    expect(result).toMatchObject({
      outcome: 'needs_retry',
      code,
      iteration_id: 'iter1',
      experiment_id: 'e1',
      run_id: null,
      stage_before: 'launch',
      stage_after: next,
      stage_attempt: attempt,
      max_stage_attempts: 3,
      attempt_counted: counted,
    });
    expect(result['message']).toContain(said ?? '');
    expect(result['hint']).not.toBe('');
    const state = stateOf(root);
    expect(state).toMatchObject({
      stage: next,
      stage_attempt: attempt,
      pending_run_id: '',
      their_own_key: { kept: 'yes' },
    });
    expect(state['history']).toMatchObject([
      {
        code,
        stage_before: 'launch',
        stage_after: next,
        stage_attempt: attempt,
        attempt_counted: counted,
        run_id: null,
      },
    ]);
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      status: 'needs_retry',
      code,
      next_stage: next,
      attempt_counted: counted,
      completion_token_seen: false,
    });
    expect(runIds(root)).toEqual([]);
    expect(hasClaim(root)).toBe(false);
  });

  it('keeps what the probes said in agent_result.json, since there is no run folder', async () => {
    const root = makeProject();
    changeReview({ status: 'failed' })(root);

    await call(root, ['launch']);

    const result = readJson(root, '.autolab/agent_result.json');
    expect(result['probes']).toMatchObject({ hostname: { argv: ['hostname'], exit_code: 0, timed_out: false } });
    expect(result['probes'].hostname.stdout).not.toBe('');
    expect(Object.keys(result['probes'])).toEqual(['hostname', 'sinfo', 'squeue']);
    expect(result['changed_files']).toEqual(['.autolab/state.json', '.autolab/agent_result.json']);
  });

  it('tells every reason at once; the earliest stage decides where it goes', async () => {
    const root = makeProject({ compute: { location: 'slurm' } });
    changeReview({ status: 'failed', blocking_findings: ['leaks test data'] })(root);
    write(root, '.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 't7', stage: 'launch', text: 'look' }] }));

    const { json: result } = await call(root, ['launch']);

    expect(result).toMatchObject({ code: 'review.not_passed', stage_after: 'implementation' });
    for (const word of ['failed', 'leaks test data', 'compute.location: slurm', 't7'])
      expect(result['message']).toContain(word);
  });

  it('is not kept shut by a skipped check, nor by an empty review of what is not known', async () => {
    const root = makeProject();
    changeReview({ required_checks: { tests: 'skip', their_own: 'pass' }, blocking_findings: null })(root);

    expect((await call(root, ['launch', '--dry-run'])).status).toBe(0);
  });
});

describe('attempts', () => {
  it('are kept on the way back, and used up they hand over to a person', async () => {
    const root = makeProject({ state: { max_stage_attempts: 2 } });
    changeReview({ status: 'failed' })(root);

    await call(root, ['launch']);
    // The implementation stage sends the workflow to the launch again.
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch' }));
    const second = await call(root, ['launch']);

    expect(second).toMatchObject({
      status: 11,
      json: { outcome: 'human_review', code: 'review.not_passed', stage_after: 'human_review', stage_attempt: 2 },
    });
    expect(stateOf(root)).toMatchObject({ stage: 'human_review', stage_attempt: 2 });
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      status: 'failed',
      next_stage: 'human_review',
    });
    const third = await callWithoutTrace(root, ['launch']);
    expect(third).toMatchObject({ status: 11, json: { code: 'state.human_review' } });
  });

  it('start anew with a success', async () => {
    const root = makeProject({ state: { stage_attempt: 2 } });

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched).toMatchObject({ status: 0, json: { stage_after: 'extract_results', stage_attempt: 0 } });
    expect(stateOf(root)).toMatchObject({
      stage: 'extract_results',
      stage_attempt: 0,
      last_run_id: 'r1',
      sync_status: 'ok',
    });
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      status: 'complete',
      completion_token_seen: true,
    });
  });

  it('count a run that failed, and keep its code', async () => {
    const root = makeProject({ entrypoint: 'exit 3\n' });

    const failed = await call(root, ['launch', '--run-id', 'r1']);

    expect(failed).toMatchObject({
      status: 10,
      json: { code: 'local.failed', stage_after: 'launch', stage_attempt: 1, status: 'failed' },
    });
    expect(stateOf(root)).toMatchObject({
      stage: 'launch',
      stage_attempt: 1,
      last_run_id: 'r1',
      sync_status: 'failed',
    });
  });
});

describe('a launch script', () => {
  it('that is hand-written and too long is not run', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    const script = 'experiments/iter1/launch/run_local.sh';
    write(root, script, read(root, script) + '# more\n'.repeat(160));
    chmodSync(join(root, script), 0o755);
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch' }));

    const { status, json: result } = await call(root, ['launch', '--run-id', 'r2']);

    expect(status).toBe(10);
    expect(result).toMatchObject({
      code: 'script.too_long',
      stage_after: 'launch',
      problems: [{ file: script, line: 161 }],
    });
    expect(existsSync(join(root, 'experiments/iter1/runs/r2'))).toBe(false);
  });
});
