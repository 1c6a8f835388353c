import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { json, makeProject, read, readJson, runIds, temporaryFolder, treeDigest, write } from '../support/project.ts';
import { manifestOf } from '../support/runs.ts';

/** R8, R9: the prompt is rendered strictly and before any work; no placeholder ever gets through. */

const TEMPLATE = '.autolab/prompts/stage_launch.md';
const RENDERED = '.autolab/prompts/rendered/launch.md';
const CONTEXT = '.autolab/prompts/rendered/launch.context.json';

describe('autolab render', () => {
  it('resolves the four placeholders and writes the prompt and its context', async () => {
    const root = makeProject();
    write(root, TEMPLATE, 'a {{iteration_id}} b {{ run_id }} c {{launch_mode}}\n{{stage_context}}\n{not} {{run_id}}\n');

    const ended = await autolabJson(root, ['render', '--run-id', 'r1']);

    expect(ended).toMatchObject({ status: 0, json: { run_id: 'r1', files: [RENDERED, CONTEXT] } });
    const prompt = read(root, RENDERED);
    expect(prompt.split('\n')[0]).toBe('a iter1 b r1 c local');
    expect(prompt).toMatch(/\n\{not\} r1\n$/);
    expect(ended.json['prompt']).toBe(prompt);
    expect(readJson(root, CONTEXT)).toEqual(ended.json['context']);
  });

  it('tells in the context what a person would have to find out', async () => {
    const root = makeProject({ compute: { location: 'slurm' }, state: { stage_attempt: 1 } });
    write(root, '.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 't1', stage: 'launch', text: 'look' }] }));

    await autolabJson(root, ['render', '--run-id', 'r1']);

    expect(readJson(root, CONTEXT)).toMatchObject({
      stage: 'launch',
      iteration_id: 'iter1',
      experiment_id: 'e1',
      run_id: 'r1',
      launch_mode: 'local',
      run_dir: 'experiments/iter1/runs/r1',
      host: { mode: 'local', probes: { hostname: { exit_code: 0 } } },
      state: { stage: 'launch', stage_attempt: 1, max_stage_attempts: 3 },
      focus_tasks: [{ task_id: 't1' }],
      gate: { passed: false, objections: [{ code: 'host.conflict' }, { code: 'todo.open' }] },
    });
    const prompt = read(root, RENDERED);
    for (const word of ['t1: look', 'host.conflict', 'attempt 1 of 3']) expect(prompt).toContain(word);
  });

  it('says what would stop the launch: what a dry run of it says', async () => {
    const root = makeProject({ git: true });
    write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
    write(root, 'train.mjs', '// another one\n');

    await autolabJson(root, ['render', '--run-id', 'r1']);

    const dry = await autolabJson(root, ['launch', '--dry-run', '--run-id', 'r1']);
    expect(dry.json['code']).toBe('git.dirty');
    expect(readJson(root, CONTEXT)).toMatchObject({
      gate: { passed: false, objections: [{ code: 'git.dirty', message: dry.json['message'] }] },
    });
  });

  it('prints the same with --stdout, and writes nothing', async () => {
    const root = makeProject({ git: true });
    await autolab(root, ['render', '--run-id', 'r1']);
    const before = treeDigest(root);

    const printed = await autolab(root, ['render', '--stdout', '--run-id', 'r1']);

    // Only how long the probes took may differ, and that is not in the prompt.
    expect(printed.stdout).toBe(read(root, RENDERED));
    expect(treeDigest(root)).toBe(before);
  });

  it('renders the template of init without a rest', async () => {
    const root = join(temporaryFolder(), 'p');
    await autolab('/', ['init', root, '--example', 'local']);

    const { stdout } = await autolab(root, ['render', '--stdout', '--run-id', 'r1']);

    expect(stdout).not.toMatch(/\{\{|\}\}|<RUN_ID>|<ITERATION_ID>/);
    for (const word of [
      'experiments/iter1/runs/r1',
      'design.yaml',
      'review_result.json',
      'backlog.yaml',
      'state.json',
      'docs/environment.md',
    ]) {
      expect(stdout).toContain(word);
    }
    for (const heading of ['role', 'Aim', 'read', 'write', 'Rules', 'afterwards'])
      expect(stdout).toMatch(new RegExp(`^## .*${heading}`, 'm'));
  });
});

describe('a template with a placeholder that cannot be resolved', () => {
  const text = 'first {{run_id}}\n  then {{nobody}} and {{ Run_Id }}\n{{}} {{iteration_id}\n';

  it('fails the launch before work starts, naming each with line and column', async () => {
    const root = makeProject();
    write(root, TEMPLATE, text);

    const { status, json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect(status).toBe(10);
    expect(result).toMatchObject({ code: 'prompt.invalid', stage_after: 'launch' });
    const places = (result['problems'] as { file: string; line: number; column: number }[]).map(
      ({ file, line, column }) => `${file}:${line}:${column}`,
    );
    expect(places).toEqual([`${TEMPLATE}:2:8`, `${TEMPLATE}:2:23`, `${TEMPLATE}:3:1`, `${TEMPLATE}:3:6`]);
    expect(result['problems'][0].message).toContain('nobody');
    expect(result['problems'][0].message).toContain('{{stage_context}}');
    expect(runIds(root)).toEqual([]);
    for (const written of [RENDERED, CONTEXT, 'experiments/iter1/launch'])
      expect(existsSync(join(root, written)), written).toBe(false);
  });

  it('is no better for render, which leaves everything as it is', async () => {
    const root = makeProject({ git: true });
    write(root, TEMPLATE, text);

    const { status, json: result } = await callWithoutTrace(root, ['render']);

    expect(status).toBe(10);
    expect(result).toMatchObject({ code: 'prompt.invalid' });
    expect(result['problems']).toHaveLength(4);
  });

  it('as is one that is empty, or no file', async () => {
    const root = makeProject();

    write(root, TEMPLATE, '\n');
    const empty = await call(root, ['launch', '--dry-run']);
    rmSync(join(root, TEMPLATE));
    mkdirSync(join(root, TEMPLATE));
    const folder = await call(root, ['launch', '--dry-run']);

    expect(empty.json).toMatchObject({ code: 'prompt.invalid', problems: [{ file: TEMPLATE, code: 'file.empty' }] });
    expect(folder.json).toMatchObject({
      code: 'prompt.invalid',
      problems: [{ file: TEMPLATE, code: 'file.not_a_file' }],
    });
  });
});

describe('a project without a template', () => {
  it('uses the built-in one, and says so in the context', async () => {
    const root = makeProject();
    rmSync(join(root, TEMPLATE));

    const rendered = await call(root, ['render', '--stdout', '--run-id', 'r1']);
    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(rendered.status).toBe(0);
    expect(launched).toMatchObject({ status: 0, json: { code: 'run.completed', stage_attempt: 0 } });
    expect(read(root, RENDERED)).toContain('experiments/iter1/runs/r1');
    expect(read(root, RENDERED)).not.toContain('{{');
    expect(readJson(root, CONTEXT)).toMatchObject({ prompt_template: 'built-in' });
    expect(existsSync(join(root, TEMPLATE))).toBe(false);
    expect(manifestOf(root, 'r1')['inputs']).toHaveProperty([TEMPLATE], null);
  });
});

describe('a launch', () => {
  it('writes prompt and context of its run, and records their digests as inputs', async () => {
    const root = makeProject();

    await call(root, ['launch', '--run-id', 'r1']);

    expect(read(root, RENDERED)).toContain('# Launch r1 of iter1 (local)');
    expect(readJson(root, CONTEXT)).toMatchObject({ run_id: 'r1', gate: { passed: true, objections: [] } });
    expect(manifestOf(root, 'r1')['inputs']).toHaveProperty([TEMPLATE]);
  });

  it('leaves no placeholder in any file or name that it writes', async () => {
    const root = makeProject({
      command: ['bash', 'experiments/iter1/main.sh', '{{run_dir}}', '{{ run_id }}', '{{scratch}}'],
    });

    await call(root, ['launch', '--run-id', 'r1']);

    const folders = ['experiments/iter1/runs', 'experiments/iter1/launch', '.autolab/prompts/rendered'];
    const written = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true }),
    );
    const paths = written.map((entry) => join(entry.parentPath, entry.name));
    expect(paths).toContain(join(root, 'experiments/iter1/runs/r1/run_manifest.json'));
    for (const path of paths) expect(path).not.toMatch(/[<>{}]/);
    const files = written.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of [...files, join(root, '.autolab/state.json'), join(root, '.autolab/agent_result.json')]) {
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /\{\{ *(?:run_id|run_dir|scratch|iteration_id)|<(?:RUN|ITERATION)_ID>/,
      );
    }
    expect(manifestOf(root, 'r1')['entrypoint'].argv.slice(2, 4)).toEqual([
      join(root, 'experiments/iter1/runs/r1'),
      'r1',
    ]);
  });
});
