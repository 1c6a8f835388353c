import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { decisionSchema } from '../../src/workflow/results/decision-schema.ts';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, read, readJson, write } from '../support/project.ts';
import { type MeasuredOptions, ranProject, WHO } from '../support/results.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** `autolab decide`: a reviewer's decision after the results. */

const FILE = 'experiments/iter1/decision_result.json';
const BACKLOG = '.autolab/backlog.yaml';

async function documented(options: MeasuredOptions = {}): Promise<string> {
  const root = await ranProject(options);
  for (const word of ['extract', 'document']) expect((await autolab(root, [word])).status).toBe(0);
  return root;
}

const decide = (root: string, ...words: readonly string[]): ReturnType<typeof call> =>
  call(root, ['decide', ...words, ...WHO]);

describe('autolab next', () => {
  it('suggests a decision from the results, with its reasons', async () => {
    const met = await documented();
    expect((await call(met, ['next'])).json).toMatchObject({
      who: 'reviewer',
      next_command: 'autolab decide stop --by WHO --note TEXT',
    });
    const missed = await documented({ metrics: '{"accuracy": 0.55, "loss": 1}' });
    const { json } = await call(missed, ['next']);

    expect(json['next_command']).toBe('autolab decide repeat --at design --by WHO --note TEXT');
    expect(json['message']).toContain('target missed: 0.05 better than published; the target is 0.1 better');
    expect((json['alternatives'] as { command: string }[]).map(({ command }) => command.split(' ')[2])).toEqual([
      'stop',
      'next',
    ]);
  });
});

describe('autolab decide stop', () => {
  it('closes the experiment, keeping every other byte of the backlog, and ends its workflow', async () => {
    const root = await documented();
    const backlog = read(root, BACKLOG);

    const ended = await decide(root, 'stop');

    expect(ended).toMatchObject({
      status: 0,
      json: { code: 'ok', stage_before: 'decide_repeat', stage_after: 'stop', decision_file: FILE },
    });
    expect(read(root, BACKLOG)).toBe(backlog.replace('    status: open', '    status: closed'));
    const record = decisionSchema.parse(readJson(root, FILE));
    expect(record).toMatchObject({
      decision: 'stop',
      by: 'ada',
      note: 'as we planned',
      run_id: 'r1',
      verdict: 'target_met',
      suggested: { decision: 'stop', reasons: ['target met: 0.25 better than published; the target is 0.1 better'] },
    });
    expect(ended.json['decision']).toEqual(record);
    expect(stateOf(root)).toMatchObject({ stage: 'stop', stage_attempt: 0 });
    expect((stateOf(root)['history'] as object[]).at(-1)).toMatchObject({
      command: 'decide stop',
      by: 'ada',
      run_id: 'r1',
    });
    for (const words of [['launch'], ['extract', 'r1'], ['decide', 'repeat', ...WHO]])
      expect((await callWithoutTrace(root, words)).status, words.join(' ')).toBe(12);
  });

  it('continues after a kill between any two of its writes', async () => {
    const points = [
      'write.decision_result.json.renamed',
      'write.backlog.yaml.renamed',
      'move.written',
      'move.state_written',
    ];
    for (const point of points) {
      const root = await documented();
      const killed = await autolab(root, ['decide', 'stop', ...WHO], { env: { AUTOLAB_CRASH_AT: point } });
      expect(killed.signal, point).toBe('SIGKILL');

      if (stateOf(root)['stage'] !== 'stop') expect(await decide(root, 'stop'), point).toMatchObject({ status: 0 });

      expect(stateOf(root)['stage'], point).toBe('stop');
      expect(read(root, BACKLOG), point).toContain('    status: closed');
      expect(readJson(root, FILE), point).toMatchObject({ decision: 'stop', by: 'ada' });
    }
  });

  it.each(['extract_results', 'update_docs'])('given at %s by mistake is undone by reopening', async (stage) => {
    const root = await ranProject();
    if (stage === 'update_docs') await call(root, ['extract']);
    await decide(root, 'stop');

    const reopened = await call(root, ['backlog', 'reopen', 'e1', ...WHO]);

    expect(reopened.json['message']).toContain(`The workflow is back at ${stage}.`);
    expect(stateOf(root)).toMatchObject({ stage, stage_attempt: 0, last_run_id: 'r1' });
    expect(await call(root, ['extract'])).toMatchObject({ status: 0, json: { stage_after: 'update_docs' } });
  });

  it('notes the end of an experiment that was closed by hand, and touches nothing of it', async () => {
    const root = await documented();
    edit(root, BACKLOG, (text) => text.replace('    status: open', '    status: Done'));

    expect(await decide(root, 'stop')).toMatchObject({ status: 0, json: { stage_after: 'stop' } });

    expect(read(root, BACKLOG)).toContain('    status: Done');
    expect(existsSync(join(root, FILE))).toBe(false);
  });

  it('changes nothing if the status cannot be changed alone', async () => {
    const root = await documented();
    edit(root, BACKLOG, (text) =>
      text.replace('    status: open', '    status: &s open').replace('type: study', 'type: *s'),
    );

    expect(await decide(root, 'stop')).toMatchObject({
      status: 12,
      json: { code: 'backlog.invalid', problems: [{ file: BACKLOG, pointer: '/experiments/0/status' }] },
    });
    expect(existsSync(join(root, FILE))).toBe(false);
    expect(stateOf(root)['stage']).toBe('decide_repeat');
  });
});

describe('autolab decide repeat', () => {
  it.each([
    [[], 'launch'],
    [['--at', 'design'], 'design'],
    [['--at', 'implementation'], 'implementation'],
  ])('with %j begins again at %s', async (words, stage) => {
    const root = await documented();

    expect(await decide(root, 'repeat', ...words)).toMatchObject({ status: 0, json: { stage_after: stage } });

    expect(stateOf(root)).toMatchObject({ stage, stage_attempt: 0 });
    expect(readJson(root, FILE)).toMatchObject({ decision: 'repeat', stage_after: stage, repeats: 1 });
  });

  it('counts against max_total_iterations, also if the history was rewritten, and then asks a reviewer', async () => {
    const root = await documented({ state: { max_total_iterations: 2 } });
    expect(await decide(root, 'repeat')).toMatchObject({ status: 0 });
    write(root, '.autolab/state.json', JSON.stringify({ ...stateOf(root), history: [] }));
    for (const words of [['launch', '--run-id', 'r2'], ['extract'], ['document']])
      expect((await autolab(root, words)).status, words.join(' ')).toBe(0);

    const ended = await decide(root, 'repeat');

    expect(ended).toMatchObject({
      status: 11,
      json: { outcome: 'human_review', code: 'repeat.used_up', stage_after: 'human_review' },
    });
    expect(ended.json['message']).toContain('iteration 3 of at most 2');
    const next = await callWithoutTrace(root, ['next']);
    expect(next.json['message']).toContain('the repetitions that max_total_iterations allows are used up');
    expect(JSON.stringify(next.json)).not.toContain('review pass');
    expect(await call(root, ['review', 'retry', ...WHO])).toMatchObject({ status: 0, json: { stage_after: 'launch' } });
  });

  it('counts a call once that was killed and made again', async () => {
    const root = await documented({ state: { max_total_iterations: 2 } });
    for (const point of ['write.decision_result.json.renamed', 'move.written'])
      await autolab(root, ['decide', 'repeat', ...WHO], { env: { AUTOLAB_CRASH_AT: point } });

    expect(await decide(root, 'repeat')).toMatchObject({ status: 0, json: { stage_after: 'launch' } });
    expect(readJson(root, FILE)).toMatchObject({ repeats: 1 });
  });

  it('leads out of a stage whose metrics cannot be read', async () => {
    const root = await ranProject({ metrics: '{}' });
    const failed = await call(root, ['extract']);
    expect(failed.json['hint']).toContain('autolab decide repeat --at implementation --by WHO --note TEXT');

    expect(await decide(root, 'repeat', '--at', 'implementation')).toMatchObject({
      status: 0,
      json: { stage_before: 'extract_results', stage_after: 'implementation', decision: { suggested: null } },
    });
  });
});

describe('autolab decide next', () => {
  const withOthers = (root: string): void => {
    edit(
      root,
      BACKLOG,
      (text) =>
        text +
        '  - {id: e0, status: completed, iteration_id: iter0}\n  - {id: e2, status: open, iteration_id: iter2}\n  - {id: e3, status: open, iteration_id: iter3}\n',
    );
  };

  it('goes to the next one that is open, and leaves this one open, at its stage', async () => {
    const root = await documented();
    withOthers(root);

    const ended = await decide(root, 'next');

    expect(ended).toMatchObject({
      status: 0,
      json: { experiment_id: 'e2', iteration_id: 'iter2', decision: { next_experiment: 'e2' } },
    });
    expect(stateOf(root)).toMatchObject({ experiment_id: 'e2', iteration_id: 'iter2', last_run_id: '' });
    expect(read(root, BACKLOG)).toContain('    status: open');
    expect(readJson(root, FILE)).toMatchObject({ decision: 'next', next_experiment: 'e2' });
    expect(await call(root, ['focus', 'e1'])).toMatchObject({ status: 0, json: { stage_after: 'decide_repeat' } });
  });

  it('goes to the one that is named, and refuses those that cannot be next', async () => {
    const root = await documented();
    withOthers(root);

    for (const [id, code] of [
      ['e9', 'backlog.no_match'],
      ['e0', 'backlog.closed'],
      ['e1', 'usage'],
    ] as const)
      expect(await callWithoutTrace(root, ['decide', 'next', id, ...WHO]), id).toMatchObject({ json: { code } });

    expect(await decide(root, 'next', 'e3')).toMatchObject({ status: 0, json: { experiment_id: 'e3' } });
  });

  it('says so if no other is open', async () => {
    const root = await documented();

    const ended = await callWithoutTrace(root, ['decide', 'next', ...WHO]);

    expect(ended).toMatchObject({ status: 12, json: { code: 'backlog.none_open' } });
  });
});

describe('autolab decide refuses', () => {
  it.each([[[]], [['later']], [['stop', '--at', 'design']], [['repeat', '--at', 'stop']], [['repeat', 'e2']]])(
    'the words %j',
    async (words) => {
      const root = await ranProject();

      expect(await callWithoutTrace(root, ['decide', ...words, ...WHO])).toMatchObject({ status: 2 });
    },
  );

  it('a call without a name and a reason, an open run, and another stage', async () => {
    const root = await ranProject();
    expect(await callWithoutTrace(root, ['decide', 'stop'])).toMatchObject({ status: 2 });
    write(root, '.autolab/active_run.json', JSON.stringify({ run_id: 'r2', iteration_id: 'iter1', position: {} }));
    expect(await callWithoutTrace(root, ['decide', 'stop', ...WHO])).toMatchObject({ status: 13 });
    write(root, '.autolab/active_run.json', '');
    write(root, '.autolab/state.json', JSON.stringify({ ...stateOf(root), stage: 'design' }));
    expect(await callWithoutTrace(root, ['decide', 'stop', ...WHO])).toMatchObject({
      status: 12,
      json: { code: 'state.wrong_stage' },
    });
  });
});
