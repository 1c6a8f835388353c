import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { analysisSchema } from '../../src/workflow/results/analysis-schema.ts';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, read, readJson, treeDigest, write } from '../support/project.ts';
import { measuredProject, ranProject, WHO } from '../support/results.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** `autolab extract`: from the record of a run to what it came to. */

const ANALYSIS = 'experiments/iter1/analysis/r1.json';
const SUMMARY = 'experiments/iter1/summary.md';
const METRICS_FILE = 'experiments/iter1/runs/r1/metrics.json';
const DESIGN = 'experiments/iter1/design.yaml';

describe('autolab extract', () => {
  it('compares the metrics with baselines and target, and moves on', async () => {
    const root = await ranProject();

    const ended = await call(root, ['extract']);

    expect(ended).toMatchObject({
      status: 0,
      json: {
        code: 'ok',
        run_id: 'r1',
        stage_before: 'extract_results',
        stage_after: 'update_docs',
        analysis_file: ANALYSIS,
        summary_file: SUMMARY,
        problems: [],
        recommendations: [],
      },
    });
    expect(ended.json['analysis']).toEqual(readJson(root, ANALYSIS));
    expect(readJson(root, ANALYSIS)).toMatchObject({
      metrics: [
        {
          name: 'accuracy',
          primary: true,
          value: 0.75,
          baselines: [
            { name: 'majority', difference: 0.31, delta: 0.31 },
            { name: 'published', difference: 0.25, delta: 0.25 },
          ],
        },
        { name: 'loss', mode: null, value: 0.5, baselines: [{ name: 'majority', difference: -0.5, delta: null }] },
      ],
      target: { metric: 'accuracy', target_delta: 0.1, baseline: 'published', delta: 0.25, met: true },
      verdict: 'target_met',
      source: { file: METRICS_FILE },
      design: { as_launched: true },
    });
    expect(analysisSchema.parse(readJson(root, ANALYSIS))).toEqual(readJson(root, ANALYSIS));
    expect(read(root, SUMMARY)).toContain('**target met**: 0.25 better than published; the target is 0.1 better');
    expect(stateOf(root)).toMatchObject({ stage: 'update_docs', stage_attempt: 0 });
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      status: 'complete',
      stage: 'extract_results',
      next_command: 'autolab document',
    });
  });

  it('gives the same bytes again, and leaves the stage', async () => {
    const root = await ranProject();
    await autolab(root, ['extract']);

    const before = [treeDigest(join(root, 'experiments')), stateOf(root)];

    for (const words of [['extract'], ['extract', 'r1'], ['extract', 'iter1/r1']])
      expect(await call(root, words)).toMatchObject({ status: 0, json: { stage_after: 'update_docs' } });

    expect([treeDigest(join(root, 'experiments')), stateOf(root)]).toEqual(before);
  });

  it('leaves the stage if the run is named', async () => {
    const root = await ranProject();

    const ended = await call(root, ['extract', 'r1']);

    expect(ended).toMatchObject({ status: 0, json: { stage_after: 'extract_results' } });
    expect(ended.json['hint']).toBe('To continue the workflow with this run: autolab extract');
    expect(existsSync(join(root, ANALYSIS))).toBe(true);
    expect(stateOf(root)['stage']).toBe('extract_results');
  });

  it('continues after a kill between any two of its writes', async () => {
    const points = ['write.r1.json.renamed', 'write.summary.md.renamed', 'move.written', 'move.state_written'];
    const whole = await ranProject();
    await autolab(whole, ['extract']);
    for (const point of points) {
      const root = await ranProject();
      const killed = await autolab(root, ['extract'], { env: { AUTOLAB_CRASH_AT: point } });
      expect(killed.signal, point).toBe('SIGKILL');

      const again = await call(root, ['extract']);

      expect(again, point).toMatchObject({ status: 0, json: { code: 'ok' } });
      expect(stateOf(root)['stage'], point).toBe('update_docs');
      expect(readJson(root, ANALYSIS)['metrics']).toEqual(readJson(whole, ANALYSIS)['metrics']);
    }
  });

  it('writes an analysis without numbers if the design declares no metrics, and says what to add', async () => {
    const root = await ranProject({ declared: '' });

    const ended = await call(root, ['extract']);

    expect(ended).toMatchObject({
      status: 0,
      json: {
        stage_after: 'update_docs',
        analysis: { verdict: 'no_metrics', metrics: [], source: null },
        recommendations: [
          { file: DESIGN, pointer: '/metrics', suggested: '{primary: {name: accuracy, mode: maximize}}' },
        ],
      },
    });

    edit(root, DESIGN, (text) => `${text}metrics: {primary: {name: accuracy, mode: max}}\n`);
    const declared = await call(root, ['extract']);

    expect(declared.json['analysis']).toMatchObject({ verdict: 'measured', design: { as_launched: false } });
  });

  it('warns of a target that is no number', async () => {
    const root = await ranProject();
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('target_delta: 0.1', 'target_delta: a lot'));

    const ended = await call(root, ['extract']);

    expect(ended).toMatchObject({
      status: 0,
      json: {
        analysis: { verdict: 'better', target: { met: null, reason: 'the hypothesis gives no target_delta' } },
        problems: [
          { file: '.autolab/backlog.yaml', line: 3, pointer: '/hypotheses/0/target_delta', severity: 'warning' },
        ],
      },
    });
  });
});

describe('metrics that cannot be read', () => {
  it.each([
    ['is missing', '{"acc": 1, "loss": 1}', 'metrics.missing', [1, 1, '/accuracy', 'value.missing']],
    ['is text', '{"accuracy": "0.9", "loss": 1}', 'metrics.invalid', [1, 14, '/accuracy', 'value.type']],
    ['is NaN', '{"loss": 1,\n "accuracy": NaN}', 'metrics.invalid', [2, 14, '/accuracy', 'value.invalid']],
    ['is infinite', '{"accuracy": -Infinity, "loss": 1}', 'metrics.invalid', [1, 14, '/accuracy', 'value.invalid']],
    ['is a mapping', '{"accuracy": {"mean": 1}, "loss": 1}', 'metrics.invalid', [1, 14, '/accuracy', 'value.type']],
    [
      'stands twice',
      '{"accuracy": 1, "accuracy": 2, "loss": 1}',
      'metrics.invalid',
      [1, 17, '/accuracy', 'file.duplicate_key'],
    ],
    ['is in no JSON', 'accuracy: 1', 'metrics.invalid', [1, 1, null, 'file.syntax']],
  ])('because one %s: the stage stays, with its place', async (_, metrics, code, [line, column, pointer, problem]) => {
    const root = await ranProject({ metrics });

    const ended = await call(root, ['extract']);

    expect(ended).toMatchObject({
      status: 10,
      json: {
        outcome: 'needs_retry',
        code,
        stage_after: 'extract_results',
        stage_attempt: 1,
        attempt_counted: true,
        problems: [{ file: METRICS_FILE, line, column, pointer, code: problem }],
      },
    });
    expect(existsSync(join(root, ANALYSIS))).toBe(false);
  });

  it('cost one attempt for each run, however often it is asked for', async () => {
    const root = await ranProject({ metrics: '{"accurracy": 1, "loss": 1}', state: { max_stage_attempts: 2 } });

    const attempts = [];
    for (let time = 0; time < 3; time += 1) attempts.push((await call(root, ['extract'])).json);

    expect(attempts.map((json) => [json['attempt_counted'], json['stage_attempt'], json['stage_after']])).toEqual([
      [true, 1, 'extract_results'],
      [false, 1, 'extract_results'],
      [false, 1, 'extract_results'],
    ]);
    edit(root, DESIGN, (text) => text.replace('name: accuracy', 'name: accurracy'));
    expect(await call(root, ['extract'])).toMatchObject({
      status: 0,
      json: { stage_after: 'update_docs', stage_attempt: 0 },
    });
  });

  it('lead to a reviewer if it was the last attempt', async () => {
    const root = await ranProject({ metrics: '{"loss": 1}', state: { max_stage_attempts: 1 } });

    const ended = await call(root, ['extract']);

    expect(ended).toMatchObject({ status: 11, json: { code: 'metrics.missing', stage_after: 'human_review' } });
    expect(ended.json['hint']).toContain('autolab review');
  });

  it('were not there at the end of the run', async () => {
    const root = await ranProject({ artifacts: [], entrypoint: 'true\n' });
    write(root, METRICS_FILE, '{"accuracy": 1, "loss": 1}\n');

    expect(await call(root, ['extract'])).toMatchObject({
      status: 10,
      json: { code: 'metrics.missing', problems: [{ file: METRICS_FILE, code: 'file.missing' }] },
    });
  });

  it.each([
    [
      'was changed',
      (root: string) => {
        write(root, METRICS_FILE, '{"accuracy": 0.99, "loss": 0}\n');
      },
    ],
    [
      'is gone',
      (root: string) => {
        renameSync(join(root, METRICS_FILE), join(root, 'elsewhere.json'));
      },
    ],
    [
      'was changed with its digest',
      (root: string) => {
        edit(root, 'experiments/iter1/runs/r1/artifacts.sha256', (text) => text.replace(/^./, '0'));
      },
    ],
  ])('because the file %s since: no attempt is counted', async (_, change) => {
    const root = await ranProject();
    change(root);

    expect(await call(root, ['extract'])).toMatchObject({
      status: 10,
      json: { code: 'metrics.changed', stage_after: 'extract_results', stage_attempt: 0, attempt_counted: false },
    });
  });

  it('are not read through a link', async () => {
    const root = await ranProject({
      artifacts: [],
      entrypoint:
        'echo \'{"accuracy": 1, "loss": 1}\' > "$AUTOLAB_RUN_DIR/real.json"\nln -s real.json "$AUTOLAB_RUN_DIR/metrics.json"\n',
    });

    expect((await call(root, ['extract'])).json).toMatchObject({
      code: 'metrics.invalid',
      problems: [{ file: METRICS_FILE, code: 'file.not_a_file' }],
    });
  });
});

describe('autolab extract refuses', () => {
  it('a closed experiment, an open run, another stage and a run that did not complete', async () => {
    const failing = measuredProject({ entrypoint: 'exit 3\n', artifacts: [] });
    await call(failing, ['launch', '--run-id', 'r1']);
    expect(await callWithoutTrace(failing, ['extract', 'r1'])).toMatchObject({
      status: 12,
      json: { code: 'run.not_completed' },
    });
    const early = await callWithoutTrace(failing, ['extract']);
    expect(early).toMatchObject({ status: 12, json: { code: 'state.wrong_stage' } });
    expect(early.json['hint']).toContain('autolab launch');

    const root = await ranProject();
    expect(await callWithoutTrace(root, ['extract', 'r9'])).toMatchObject({
      status: 12,
      json: { code: 'run.not_found' },
    });
    write(root, '.autolab/active_run.json', JSON.stringify({ run_id: 'r2', iteration_id: 'iter1', position: {} }));
    expect(await callWithoutTrace(root, ['extract'])).toMatchObject({ status: 13, json: { code: 'run.other_active' } });
    renameSync(join(root, '.autolab/active_run.json'), join(root, 'claim.json'));
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));
    for (const words of [['extract'], ['extract', 'r1']])
      expect(await callWithoutTrace(root, words)).toMatchObject({ status: 12, json: { code: 'backlog.closed' } });
    expect(await call(root, ['backlog', 'reopen', 'e1', ...WHO])).toMatchObject({ status: 0 });
    expect(await call(root, ['extract'])).toMatchObject({ status: 0 });
  });

  it('to write through a link that leads out of the project', async () => {
    const root = await ranProject();
    symlinkSync('/tmp', join(root, 'experiments/iter1/analysis'));

    expect(await call(root, ['extract'])).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
  });
});
