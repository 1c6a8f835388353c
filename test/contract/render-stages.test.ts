import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../src/cli/workflow-verbs.ts';
import { STAGES } from '../../src/project/state.ts';
import { readTemplate } from '../../src/project/templates.ts';
import { stagePath } from '../../src/workflow/stage-paths.ts';
import { STAGE_TABLE } from '../../src/workflow/stages.ts';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { edit, json, makeProject, read, readJson, temporaryFolder, write } from '../support/project.ts';
import { projectAt } from '../support/stages.ts';

/** R8 for every stage: a prompt of ours that says what to do, with every placeholder resolved, or the project's own. */

const OTHERS = STAGES.filter((stage) => stage !== 'launch');

it('the command line completes exactly the stages of the table', () => {
  expect([...STAGE_NAMES]).toEqual(Object.keys(STAGE_TABLE));
});

describe('autolab render --stage', () => {
  it.each(OTHERS)('%s writes the prompt and its context', async (stage) => {
    const root = projectAt(stage, { last_run_id: 'r1' });
    const { reads, leaves, who } = STAGE_TABLE[stage];

    const { status, json: result } = await call(root, ['render', '--stage', stage]);

    const files = [`.autolab/prompts/rendered/${stage}.md`, `.autolab/prompts/rendered/${stage}.context.json`];
    expect(status).toBe(0);
    expect(result).toMatchObject({ iteration_id: 'iter1', run_id: 'r1', files });
    const prompt = read(root, files[0] ?? '');
    expect(result['prompt']).toBe(prompt);
    expect(prompt).not.toMatch(/\{\{|\}\}|<RUN_ID>|<ITERATION_ID>/);
    for (const heading of ['role', 'Aim', 'read', 'write', 'Rules', 'afterwards'])
      expect(prompt).toMatch(new RegExp(`^## .*${heading}`, 'm'));
    expect(prompt).toContain('- hypothesis: h1: It learns');
    for (const path of [...reads, ...leaves])
      expect(prompt).toContain(stagePath(path, { iteration_id: 'iter1', last_run_id: 'r1' }));
    const context = readJson(root, files[1] ?? '');
    expect(context).toEqual(result['context']);
    expect(context).toMatchObject({ stage, who, experiment_id: 'e1', run_id: 'r1', prompt_template: 'built-in' });
    expect(JSON.stringify(context)).not.toContain('{{');
  });

  it('says what is missing, which tasks come first, and what the review found', async () => {
    const root = projectAt('implementation', { stage_attempt: 1 });
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('main.sh', 'other.sh'));
    write(
      root,
      '.autolab/todo_focus.json',
      json({
        focus_tasks: [
          { task_id: 't1', stage: 'implementation', text: 'seed it' },
          { task_id: 't2', stage: 'launch', text: 'look' },
        ],
      }),
    );
    write(
      root,
      'experiments/iter1/review_result.json',
      json({ status: 'needs_retry', blocking_findings: ['no seed'] }),
    );

    const { stdout } = await autolab(root, ['render', '--stage', 'implementation', '--stdout']);

    for (const line of ['  - t1: seed it', '  - no seed', 'attempt 1 of 3', 'design.yaml:5:'])
      expect(stdout).toContain(line);
    expect(stdout).not.toContain('t2');
  });

  it('prints the same with --stdout, and writes nothing', async () => {
    const root = makeProject({ git: true, state: { stage: 'design' } });

    const printed = await callWithoutTrace(root, ['render', '--stage', 'design', '--stdout']);

    expect((await call(root, ['render', '--stage', 'design'])).json['prompt']).toBe(printed.json['prompt']);
  });

  it('names the stages if there is no such stage', async () => {
    const { status, json: result } = await callWithoutTrace(makeProject(), ['render', '--stage', 'desgin']);

    expect([status, result['code']]).toEqual([2, 'usage']);
    expect(result['message']).toContain('extract_results');
  });

  it('leaves a closed experiment alone, but at its end', async () => {
    const root = makeProject();
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));

    expect((await callWithoutTrace(root, ['render', '--stage', 'design'])).json['code']).toBe('backlog.closed');
    expect((await call(root, ['render', '--stage', 'stop'])).status).toBe(0);
  });
});

describe("a project's own template", () => {
  const TEMPLATE = '.autolab/prompts/stage_design.md';

  it('wins', async () => {
    const root = makeProject();
    write(root, TEMPLATE, '{{iteration_id}} on {{launch_mode}}\n{{stage_context}}\n');

    const { json: result } = await call(root, ['render', '--stage', 'design']);

    expect(result['prompt']).toMatch(/^iter1 on local\n- experiment: e1, iteration: iter1, run: none yet\n/);
    expect(result['context']).toMatchObject({ prompt_template: TEMPLATE });
  });

  it('is resolved strictly: what is unknown, or not known yet, is named with line and column', async () => {
    const root = makeProject();
    write(root, TEMPLATE, 'run {{run_id}}\n  {{nobody}}\n');

    const { status, json: result } = await callWithoutTrace(root, ['render', '--stage', 'design']);

    expect([status, result['code']]).toEqual([10, 'prompt.invalid']);
    expect(problemsOf(result)).toMatchObject([
      { file: TEMPLATE, line: 1, column: 5, code: 'placeholder.unresolved' },
      { file: TEMPLATE, line: 2, column: 3, code: 'placeholder.unknown' },
    ]);
    expect((await call(root, ['render', '--stage', 'design', '--run-id', 'r7'])).json['problems']).toHaveLength(1);
  });
});

describe('our templates', () => {
  it.each(STAGES)('of %s names everything that the stage reads and leaves', (stage) => {
    const { reads, leaves, template } = STAGE_TABLE[stage];
    const text = readTemplate(template);

    expect([...reads, ...leaves].filter((path) => !text.includes(path))).toEqual([]);
  });

  it('are not copied into a new project, but for the one of the launch', async () => {
    const root = join(temporaryFolder(), 'p');
    await autolab('/', ['init', root]);

    expect(existsSync(join(root, '.autolab/prompts'))).toBe(true);
    expect(readdirSync(join(root, '.autolab/prompts'))).toEqual(['stage_launch.md']);
  });
});
