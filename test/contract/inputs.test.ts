import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace, expectNoStackTrace, problemsOf, type ShownProblem } from '../support/contract.ts';
import { edit, makeProject, readJson, runIds, startsOf, write } from '../support/project.ts';

/** R3: every problem of every file is told at once, with its place and what to write instead. */

const DESIGN = 'experiments/iter1/design.yaml';
const REVIEW = 'experiments/iter1/review_result.json';

function at(problems: readonly ShownProblem[], file: string): string[] {
  return problems
    .filter((problem) => problem.file === file)
    .map(({ line, column, code }) => `${String(line)}:${String(column)} ${code}`);
}

describe('problems of the inputs', () => {
  it('are told for all files in one go, with line and column', async () => {
    const root = makeProject();
    write(
      root,
      DESIGN,
      [
        'id: d1',
        'iteration_id: iter1',
        'entrypoint:',
        '  command: [bash, "{{nobody}}"]',
        'compute:',
        '  location: locl',
        '  time: "a while"',
        '  memroy: 1G',
        '  cpus: none',
        'artifacts:',
        '  - ../escape',
        '',
      ].join('\n'),
    );
    write(root, REVIEW, '{\n  "status": "passed",\n  "required_checks": {"tests": "maybe"}\n}\n');
    write(root, '.autolab/todo_focus.json', '{\n  "focus_tasks": [\n    {"text": "no id"}\n  ]\n}\n');
    write(root, 'docs/environment.md', '# Environment\n\nNothing here.\n');
    write(
      root,
      '.autolab/experiment_file_line_limits.yaml',
      'line_limits:\n  fixed_max_lines:\n    launch/run_local.sh: many\n',
    );
    write(root, '.autolab/launch.yaml', 'host_mode: local\npoll:\n  min_seconds: fast\n');
    write(root, '.autolab/remote_profiles.yaml', 'profiles:\n  cluster:\n    mode: teleport\n');

    const { status, json } = await call(root, ['launch']);

    expect(status).toBe(10);
    expect(json).toMatchObject({ outcome: 'needs_retry', code: 'design.invalid', stage_after: 'design' });
    const problems = problemsOf(json);
    expect(at(problems, DESIGN)).toEqual(
      expect.arrayContaining([
        '4:19 placeholder.unknown',
        '6:13 value.invalid',
        '7:9 value.invalid',
        '8:3 value.unknown_key',
        '9:9 value.type',
        '11:5 value.invalid',
      ]),
    );
    expect(at(problems, REVIEW)).toEqual(['2:13 value.invalid', '3:32 value.invalid']);
    expect(at(problems, '.autolab/todo_focus.json')).toEqual(['3:5 value.missing']);
    expect(problems.filter(({ file }) => file === 'docs/environment.md')).toHaveLength(1);
    expect(at(problems, '.autolab/experiment_file_line_limits.yaml')).toEqual(['3:26 value.type']);
    expect(at(problems, '.autolab/launch.yaml')).toEqual(['3:16 value.type']);
    expect(at(problems, '.autolab/remote_profiles.yaml')).toEqual(['3:11 value.invalid']);
    const said = problems.map((problem) => problem.message).join('\n');
    for (const word of ['locl', 'a while', 'memroy', '`memory`', 'passed', 'teleport', '`pass`'])
      expect(said).toContain(word);
  });

  it('are lines of file:line:column for a person', async () => {
    const root = makeProject({ compute: { location: 'locl' } });

    const ended = await autolab(root, ['launch']);

    expect(ended.status).toBe(10);
    expect(ended.stderr).toMatch(/^experiments\/iter1\/design\.yaml:7:13: error: .*`locl`.*\[value\.invalid\]$/m);
    expect(ended.stdout).toContain('needs_retry: ');
    expectNoStackTrace(ended);
  });

  it('of state and backlog are told together, before anything else is looked at', async () => {
    const root = makeProject({ git: true, compute: { location: 'locl' } });
    write(root, '.autolab/state.json', '{\n  "iteration_id": "iter1",\n  "stage": 7,\n  "stage_attempt": "2"\n}\n');
    write(root, '.autolab/backlog.yaml', 'experiments:\n  - id: e1\n    iteration_id: iter1\n');

    const { status, json } = await callWithoutTrace(root, ['launch']);

    expect(status).toBe(12);
    expect(json).toMatchObject({ outcome: 'refused', code: 'state.invalid' });
    expect(at(problemsOf(json), '.autolab/state.json')).toEqual(['3:12 value.type', '4:20 value.type']);
    expect(at(problemsOf(json), '.autolab/backlog.yaml')).toEqual(['2:5 value.missing']);
    expect(problemsOf(json).map(({ file }) => file)).not.toContain(DESIGN);
  });
});

describe('what older and foreign files look like', () => {
  it('accepts walltime, memory_estimate and gpus', async () => {
    const root = makeProject();
    edit(root, DESIGN, (text) =>
      text.replace(/ {2}time:.*\n {2}memory:.*\n/, '  walltime: "01:30:00"\n  memory_estimate: 3G\n  gpus: 2\n'),
    );

    const { status, json } = await call(root, ['launch', '--dry-run']);

    expect(status).toBe(0);
    expect(json['plan'].resource_request).toMatchObject({ time_seconds: 5400, memory_mb: 3072, gpu_count: 2 });
    expect(json['problems']).toEqual([]);
  });

  it('says which of two names of the same value is in the way', async () => {
    const root = makeProject();
    edit(root, DESIGN, (text) => text.replace('  cpus: 1\n', '  cpus: 1\n  walltime: "09:00:00"\n'));

    const { status, json } = await call(root, ['launch', '--dry-run']);

    expect(status).toBe(10);
    expect(problemsOf(json)).toMatchObject([{ code: 'value.conflict', pointer: '/compute/walltime', line: 11 }]);
  });

  it('warns about a misspelled key, with the likely word, and goes on', async () => {
    const root = makeProject();
    edit(root, DESIGN, (text) => text.replace('memory:', 'memroy:'));

    const [forPrograms, forPeople] = await Promise.all([
      call(root, ['launch', '--dry-run']),
      autolab(root, ['launch', '--dry-run']),
    ]);

    expect(forPrograms.status).toBe(0);
    expect(problemsOf(forPrograms.json)).toMatchObject([
      { code: 'value.unknown_key', severity: 'warning', line: 9, column: 3 },
    ]);
    expect(forPeople.stderr).toMatch(/design\.yaml:9:3.*memroy.*memory/);
  });

  it('reads files with a byte order mark and CRLF line ends as they were meant', async () => {
    const root = makeProject({
      activation: 'export GREETING=hello\n',
      entrypoint: 'echo "$GREETING" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
    });
    for (const file of [
      DESIGN,
      REVIEW,
      'docs/environment.md',
      '.autolab/state.json',
      '.autolab/backlog.yaml',
      '.autolab/launch.yaml',
      '.autolab/prompts/stage_launch.md',
    ]) {
      edit(root, file, (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`);
    }

    const { status, json } = await call(root, ['launch', '--run-id', 'r1']);

    expect(json).toMatchObject({ code: 'run.completed', problems: [] });
    expect(status).toBe(0);
    expect(readJson(root, '.autolab/state.json')).toMatchObject({ stage: 'extract_results' });
  });

  it('starts nothing while an input is wrong', async () => {
    const root = makeProject({ compute: { time: 'soon' } });

    await call(root, ['launch', '--run-id', 'r1']);

    expect(runIds(root)).toEqual([]);
    expect(startsOf(root, 'r1')).toBe(0);
  });
});
