import { describe, expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { changeReview, REASONS } from '../support/gate-reasons.ts';
import { commitAll, edit, json, makeProject, readJson, treeDigest, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';

/** One gate for launch, dry run, `render` and `doctor`, and all problems in one answer (R3). */

interface Found {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly code: string;
}

const CONTEXT = '.autolab/prompts/rendered/launch.context.json';

describe('what would stop a launch', () => {
  it.each(REASONS)(
    '$code because $because: the dry run, render and doctor say it, too',
    async ({ code, break: spoil }) => {
      const root = makeProject();
      spoil(root);

      const before = treeDigest(root);
      const dry = await call(root, ['launch', '--dry-run', '--run-id', 'r1']);
      expect(treeDigest(root)).toBe(before);
      const rendered = await call(root, ['render', '--run-id', 'r1']);
      const doctor = await autolabJson(root, ['doctor']);

      expect(dry.json['code']).toBe(code);
      if (code === 'prompt.invalid') expect(rendered.json['code']).toBe(code);
      else expect(readJson(root, CONTEXT)['gate'].objections.map((one: Found) => one.code)).toContain(code);
      expect(rendered.json['hint']).not.toContain('autolab launch');
      const lines = (doctor.json['checks'] as { name: string; found: string }[]).filter(
        ({ name }) => name === 'launch',
      );
      expect(lines.map(({ found }) => found.split(':')[0])).toContain(code);
      expect((await call(root, ['launch', '--run-id', 'r1'])).json).toMatchObject({
        code,
        message: dry.json['message'],
        problems: dry.json['problems'],
      });
    },
  );

  it('is nothing at first, for all four', async () => {
    const root = makeProject();

    const rendered = await call(root, ['render', '--run-id', 'r1']);
    const doctor = await autolabJson(root, ['doctor']);

    expect(rendered.json['hint']).toContain('autolab launch --run-id r1');
    expect((doctor.json['checks'] as { name: string }[]).filter(({ name }) => name === 'launch')).toEqual([]);
    expect((await call(root, ['launch', '--dry-run'])).json['code']).toBe('ok');
    expect((await call(root, ['launch'])).json['code']).toBe('run.completed');
  });
});

/** Something wrong with everything that a launch reads. */
function spoilAll(root: string): void {
  write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');
  write(root, 'train.py', 'first\n');
  commitAll(root);
  write(root, 'train.py', 'second\n');
  edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('cpus: 1', 'cpus: many'));
  changeReview({ status: 'needs_retry', required_checks: { tests: 'fail' }, blocking_findings: ['leaks'] })(root);
  write(root, 'docs/environment.md', '# Environment\n');
  write(root, '.autolab/prompts/stage_launch.md', 'Run\n  {{nothing}}\n');
  write(root, '.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 't7', stage: 'launch', text: 'look' }] }));
  write(root, 'experiments/iter1/launch/run_local.sh', `#!/bin/bash\n${'# more\n'.repeat(200)}if\n`);
}

const EVERYWHERE: readonly (readonly [file: string, code: string])[] = [
  ['experiments/iter1/design.yaml', 'value.type'],
  ['experiments/iter1/review_result.json', 'review.not_passed'],
  ['experiments/iter1/review_result.json', 'review.check_failed'],
  ['experiments/iter1/review_result.json', 'review.blocking_findings'],
  ['docs/environment.md', 'environment.invalid'],
  ['.autolab/prompts/stage_launch.md', 'placeholder.unknown'],
  ['.autolab/todo_focus.json', 'todo.open'],
  ['experiments/iter1/launch/run_local.sh', 'script.invalid'],
  ['experiments/iter1/launch/run_local.sh', 'script.too_long'],
];

describe('several documents that are wrong at once', () => {
  it.each(['launch', 'dry run'])('are all told by one %s, with their places', async (verb) => {
    const root = makeProject();
    spoilAll(root);

    const words = verb === 'launch' ? ['launch'] : ['launch', '--dry-run'];
    const { status, json: result } = await call(root, [...words, '--run-id', 'r1']);

    expect(status).toBe(10);
    const problems = result['problems'] as Found[];
    for (const [file, code] of EVERYWHERE)
      expect(
        problems.filter((one) => one.file === file).map((one) => one.code),
        file,
      ).toContain(code);
    const isOfWholeFile = ({ file, code }: Found): boolean =>
      file === 'docs/environment.md' || ['git.dirty', 'review.stale'].includes(code);
    for (const { file, line, column } of problems.filter((one) => !isOfWholeFile(one)))
      expect([line, column], file).not.toContain(null);
    expect(result['message']).toContain('train.py');
    expect(result['problems']).toContainEqual(expect.objectContaining({ file: 'train.py', code: 'git.dirty' }));
    expect(stateOf(root)['stage_attempt']).toBe(verb === 'launch' ? 1 : 0);
  });

  it('are all told by render and doctor', async () => {
    const root = makeProject();
    spoilAll(root);

    const rendered = await call(root, ['render', '--run-id', 'r1']);
    const doctor = await autolabJson(root, ['doctor']);

    const problems = rendered.json['problems'] as Found[];
    const said = JSON.stringify(doctor.json['checks']);
    expect(rendered.json['message']).toContain('train.py');
    expect(rendered.json['message']).not.toMatch(/[^.?!:] (?:The|A|An) /);
    for (const [file, code] of EVERYWHERE) {
      expect(
        problems.filter((one) => one.file === file).map((one) => one.code),
        file,
      ).toContain(code);
      expect(said).toContain(file.split('/').at(-1));
    }
    for (const code of ['git.dirty', 'review.check_failed', 'prompt.invalid', 'todo.open', 'script.invalid'])
      expect(said).toContain(code);
  });

  it('are told by doctor once each', async () => {
    const root = makeProject();
    edit(root, 'experiments/iter1/design.yaml', (text) =>
      text.replace('cpus: 1', 'cpus: many').replace('iteration_id: iter1', 'iteration_id: iter1\nartefact: []'),
    );
    edit(root, 'experiments/iter1/design.yaml', (text) => `${text}\ncode: {link: ["{{nothing}}"]}\n`);

    const doctor = await autolabJson(root, ['doctor']);

    const found = (doctor.json['checks'] as { found: string }[]).map((check) => check.found);
    expect(found.filter((words) => words.includes('`many`'))).toHaveLength(1);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toContain('design.invalid: as listed under documents');
  });

  it('leave out what depends on something that cannot be read', async () => {
    const root = makeProject({ compute: { location: 'slurm' } });
    write(root, '.autolab/remote_profiles.yaml', 'default_profile: far\nprofiles: {far: {mode: ftp}}\n');

    const { json: result } = await call(root, ['launch', '--dry-run']);

    // The profile may name another host.
    expect(result['code']).toBe('config.invalid');
    expect(result['message']).not.toContain('this host is local');
  });

  const REVIEW = 'experiments/iter1/review_result.json';
  const LIMITS = '.autolab/experiment_file_line_limits.yaml';
  const TODO = '.autolab/todo_focus.json';
  const CONFIG = '.autolab/launch.yaml';
  const failed = { status: 'failed', required_checks: { tests: 'fail', foo: 'x' }, blocking_findings: ['a'] };
  const tasks = [
    { task_id: 5, stage: 'launch' },
    { task_id: 't7', stage: 'launch', text: 'look' },
  ];

  it.each([
    [REVIEW, json(failed), 'value.invalid review.not_passed review.check_failed review.blocking_findings'],
    [REVIEW, json({ ...failed, status: 'fail' }), 'value.invalid review.check_failed review.blocking_findings'],
    [REVIEW, json({ ...failed, status: undefined }), 'value.missing review.check_failed review.blocking_findings'],
    [
      LIMITS,
      'line_limits: {fixed_max_lines: {launch/run_local.sh: 9, launch/a.sh: "1"}}\n',
      'value.type script.too_long',
    ],
    [
      LIMITS,
      'line_limits: {fixed_max_lines: {launch/a.sh: "1"}, run_manifest_dynamic: {min_lines: 9, max_lines: 5}}\n',
      'value.type value.conflict',
    ],
    [TODO, json({ stage: 5, focus_tasks: tasks.slice(1) }), 'value.type todo.open'],
    [TODO, json({ stage: 'launch', focus_tasks: tasks }), 'value.type todo.open'],
  ])('%s: tell what else is wrong with it: %s', async (file, text, codes) => {
    const root = makeProject();
    write(root, file, text);

    const { json: result } = await call(root, ['launch', '--dry-run']);

    const found = (result['problems'] as Found[]).map(({ code }) => code);
    expect(found).toEqual(expect.arrayContaining(codes.split(' ')));
  });

  it.each([
    ['a review', REVIEW, json({ status: 'failed', required_checks: { tests: 'fail' } })],
    ['a finding', REVIEW, json({ status: 'pass', blocking_findings: ['it leaks'] })],
    ['a question', REVIEW, json({ status: 'passs' })],
    ['a setting', CONFIG, 'code: {run_from: snapshto}\n'],
  ])('are told in whole sentences: %s', async (_, file, text) => {
    const root = makeProject();
    write(root, file, text);

    const { json: result } = await call(root, ['launch']);

    expect(result['message']).toMatch(/[.?]$/);
    expect(result['message']).not.toMatch(/\?[.;]/);
    const { summary } = readJson(root, '.autolab/agent_result.json');
    expect(summary).toBe(`${String(result['message'])} ${String(result['hint'])}`);
    expect(summary).not.toMatch(/[^.?!:;] (?:Also|Fix|Read|Correct) /);
  });

  it('give an open task its own line although one before it is wrong', async () => {
    const root = makeProject();
    write(
      root,
      TODO,
      '{"focus_tasks": [\n{"task_id": 5, "stage": "launch"},\n{"task_id": "t7", "stage": "launch"}]}\n',
    );

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect((result['problems'] as Found[]).map(({ code, line }) => [code, line])).toEqual([
      ['value.type', 2],
      ['todo.open', 3],
    ]);
  });

  it('ask for a clean tree although another setting is wrong', async () => {
    const root = makeProject();
    write(root, CONFIG, 'require_clean_tree: true\nhost_mode: foo\npoll: {min_seconds: 100, max_seconds: 5}\n');
    write(root, 'train.py', 'first\n');
    commitAll(root);
    write(root, 'train.py', 'second\n');

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect(result['code']).toBe('config.invalid');
    expect(result['message']).toContain('train.py');
  });

  it('say that a script is too long although the design has an error', async () => {
    const root = makeProject();
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('cpus: 1', 'cpus: many'));
    write(
      root,
      '.autolab/experiment_file_line_limits.yaml',
      'version: 1\nline_limits: {fixed_max_lines: {launch/run_local.sh: 9}}\n',
    );

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect((result['problems'] as Found[]).map(({ code }) => code)).toEqual(['value.type', 'script.too_long']);
  });
});
