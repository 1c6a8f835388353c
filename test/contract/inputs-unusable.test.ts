import { chmodSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { call, callWithoutTrace, expectNoStackTrace, problemsOf, withoutPrivileges } from '../support/contract.ts';
import { makeProject, write } from '../support/project.ts';

/** R3: whatever lies where a file should be gives a clear problem; never a stack trace, never a hang. */

const GUARD_FILES = ['.autolab/state.json', '.autolab/backlog.yaml'];
const GATE_FILES = [
  'experiments/iter1/design.yaml',
  'experiments/iter1/review_result.json',
  'docs/environment.md',
  '.autolab/todo_focus.json',
  '.autolab/experiment_file_line_limits.yaml',
  '.autolab/launch.yaml',
  '.autolab/remote_profiles.yaml',
];
const YAML_FILES = [...GUARD_FILES, ...GATE_FILES].filter((file) => file.endsWith('.yaml'));
const STRUCTURED = [...YAML_FILES, '.autolab/state.json', ...GATE_FILES.filter((file) => file.endsWith('.json'))];

type Put = (root: string, file: string) => void;

interface Kind {
  readonly what: string;
  readonly put: Put;
  readonly code: string;
  /** Files that must be told of with that code; all where left out. */
  readonly files?: readonly string[];
}

const text =
  (make: (file: string) => string | Uint8Array): Put =>
  (root, file) => {
    write(root, file, make(file));
  };

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...'bcdefghij'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefghij'[index] ?? ''}, `.repeat(10)}]`),
  '',
].join('\n');
const bothTimes = (file: string): string =>
  file.endsWith('.json') ? '{\n  "stage": "launch",\n  "stage": "launch"\n}\n' : 'version: 1\nversion: 2\n';

const KINDS: readonly Kind[] = [
  { what: 'an empty file', put: text(() => ''), code: 'file.empty' },
  { what: 'a binary file', put: text(() => Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2])), code: 'file.binary' },
  { what: 'text that is not UTF-8', put: text(() => Buffer.from('caf\xe9: 1\n', 'latin1')), code: 'file.binary' },
  {
    what: 'a folder',
    put: (root, file) => {
      rmSync(join(root, file), { force: true });
      mkdirSync(join(root, file));
    },
    code: 'file.not_a_file',
  },
  {
    what: 'a file of 50 MB',
    put: (root, file) => {
      write(root, file, 'a');
      truncateSync(join(root, file), 50_000_000);
    },
    code: 'file.too_large',
  },
  {
    what: '10,000 nested brackets',
    put: text(() => `{"a": ${'['.repeat(10_000)}${']'.repeat(10_000)}}\n`),
    code: 'file.syntax',
    files: STRUCTURED,
  },
  { what: 'a key that stands twice', put: text(bothTimes), code: 'file.duplicate_key', files: STRUCTURED },
  { what: 'a bomb of aliases', put: text(() => BOMB), code: 'file.alias_bomb', files: YAML_FILES },
  { what: 'tabs for indentation', put: text(() => 'a:\n\tb: 1\n'), code: 'file.syntax', files: YAML_FILES },
  {
    what: 'a file that ends in the middle',
    put: text((file) => (file.endsWith('.json') ? '{"status": "pa' : 'a: [1, 2\n')),
    code: 'file.syntax',
    files: STRUCTURED,
  },
];

const PLACED = ['file.syntax', 'file.duplicate_key', 'file.alias_bomb'];

describe.each(KINDS)('$what', ({ put, code, files }) => {
  it('is refused for state and backlog, and nothing is written', async () => {
    const root = makeProject();
    for (const file of GUARD_FILES) put(root, file);

    const { status, json } = await callWithoutTrace(root, ['launch']);

    expect(status).toBe(12);
    expect(json).toMatchObject({ outcome: 'refused', stage_after: null });
    expectProblems(json, GUARD_FILES, code, files);
  });

  it('sends the workflow back for every other file, all told at once', async () => {
    const root = makeProject();
    for (const file of GATE_FILES) put(root, file);

    const { status, json } = await call(root, ['launch']);

    expect(status).toBe(10);
    expect(json).toMatchObject({ outcome: 'needs_retry', code: 'design.invalid', stage_attempt: 1 });
    expectProblems(json, GATE_FILES, code, files);
  });
});

function expectProblems(
  json: Record<string, unknown>,
  placed: readonly string[],
  code: string,
  files: readonly string[] = placed,
): void {
  for (const file of placed) {
    const mine = problemsOf(json).filter((problem) => problem.file === file && problem.severity === 'error');
    if (files.includes(file))
      expect(
        mine.map((problem) => problem.code),
        file,
      ).toContain(code);
    // JSON and Markdown may find the text to their taste, but never usable.
    else expect(mine, file).not.toEqual([]);
    for (const problem of mine.filter((candidate) => PLACED.includes(candidate.code))) {
      expect(problem.line, file).toBeGreaterThan(0);
      expect(problem.column, file).toBeGreaterThan(0);
    }
    // A person reads it: one line, not the file.
    for (const problem of mine) expect(problem.message.length).toBeLessThan(1000);
  }
}

describe('a file that may not be read', () => {
  it.each([
    ['.autolab/state.json', 12, 'state.invalid'],
    ['experiments/iter1/design.yaml', 10, 'design.invalid'],
    ['experiments/iter1/review_result.json', 10, 'review.missing'],
  ] as const)('%s', async (file, exitStatus, code) => {
    const root = makeProject();
    chmodSync(join(root, file), 0o000);

    const ended = await startProgram([...withoutPrivileges(), process.execPath, PROGRAM, 'launch', '--json'], root)
      .ended;

    expectNoStackTrace(ended);
    expect(ended.status).toBe(exitStatus);
    const json = parseJson(ended);
    expect(json).toMatchObject({ code });
    expect(problemsOf(json)).toMatchObject([{ file, code: 'file.unreadable', line: null, column: null }]);
    expect(problemsOf(json)[0]?.message).toContain('permission');
  });
});
