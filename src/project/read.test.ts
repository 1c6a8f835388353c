import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { initProject } from './init.ts';
import { type ProjectRead, readGuardDocuments, readProject } from './read.ts';

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'autolab-read-'));
  expect(initProject(root, { example: 'local' }).ok).toBe(true);
  return root;
}

function put(root: string, path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function read(root: string): ProjectRead {
  const guard = readGuardDocuments(root);
  if (!guard.ok) throw new Error(guard.failure.message);
  return readProject(root, guard.value.state);
}

describe('readProject (R3)', () => {
  it.each(['metrics: [accuracy]', 'metrics: {primary: {name: accuracy}}', 'baselines: 3'])(
    'lets a design be launched whose results could not be extracted, and warns: %s',
    (line) => {
      const root = project();
      const path = 'experiments/iter1/design.yaml';
      const text = readFileSync(join(root, path), 'utf8').replaceAll(/^(?:metrics|baselines):.*\n/gm, '');
      put(root, path, `${text}${line}\n`);
      const { problems, failedCodes, design } = read(root);
      expect([failedCodes, design?.metrics?.primary ?? null]).toEqual([[], null]);
      expect(problems.map(({ file, severity }) => [file, severity])).toEqual([[path, 'warning']]);
    },
  );

  it('reports every problem of every file at once, file by file', () => {
    const root = project();
    put(
      root,
      'experiments/iter1/design.yaml',
      'id: d1\niteration_id: iter2\nentrypoint: {cli: "a | b"}\ncompute: {location: local, time: 10, memroy: 1G}\n',
    );
    put(root, 'experiments/iter1/review_result.json', '{"status": "ok",}');
    put(root, '.autolab/todo_focus.json', '[]');
    put(root, 'docs/environment.md', '# Nothing\n');
    put(root, '.autolab/experiment_file_line_limits.yaml', 'line_limits: [\n');
    put(root, '.autolab/launch.yaml', 'host_mode: moon\n');
    put(root, '.autolab/remote_profiles.yaml', 'profiles: {a: {mode: git}}\n');
    const { problems, failedCodes, design, limits, config } = read(root);
    expect(problems.map(({ file, line, code }) => `${file.split('/').at(-1) ?? ''}:${String(line)} ${code}`)).toEqual([
      'design.yaml:2 design.id_mismatch',
      'design.yaml:3 value.invalid',
      'design.yaml:4 value.unknown_key',
      'review_result.json:1 file.syntax',
      'todo_focus.json:1 value.type',
      'environment.md:null environment.invalid',
      'experiment_file_line_limits.yaml:2 file.syntax',
      'launch.yaml:1 value.invalid',
      'remote_profiles.yaml:1 value.missing',
      'remote_profiles.yaml:1 value.missing',
    ]);
    expect(failedCodes).toEqual([
      'design.invalid',
      'design.id_mismatch',
      'review.missing',
      'environment.invalid',
      'config.invalid',
    ]);
    expect(design).toBeNull();
    expect(limits.fixed['launch/run_local.sh']).toBe(160);
    expect(config.host_mode).toBe('auto');
  });

  it('needs neither todo, limits, settings nor profiles, and digests what there is', () => {
    const root = project();
    for (const name of ['launch.yaml', 'experiment_file_line_limits.yaml']) rmSync(join(root, '.autolab', name));
    const { problems, digests, todo } = read(root);
    expect(problems).toEqual([]);
    expect(todo).toBeNull();
    expect(digests).toEqual({
      'experiments/iter1/design.yaml': sha256(readFileSync(join(root, 'experiments/iter1/design.yaml'))),
      'experiments/iter1/review_result.json': sha256(readFileSync(join(root, 'experiments/iter1/review_result.json'))),
      '.autolab/todo_focus.json': null,
      'docs/environment.md': sha256(readFileSync(join(root, 'docs/environment.md'))),
      '.autolab/experiment_file_line_limits.yaml': null,
      '.autolab/launch.yaml': null,
      '.autolab/remote_profiles.yaml': null,
    });
  });

  it('distinguishes a valid design of another iteration from an invalid one', () => {
    const root = project();
    const path = 'experiments/iter1/design.yaml';
    put(root, path, readFileSync(join(root, path), 'utf8').replace('iteration_id: iter1', 'iteration_id: iter2'));
    const { failedCodes, problems } = read(root);
    expect(failedCodes).toEqual(['design.id_mismatch']);
    expect(problems[0]?.message).toContain('`iter2`');
    expect(problems[0]?.message).toContain('`iter1`');
  });

  it('says how to make what is missing', () => {
    const root = project();
    rmSync(join(root, 'docs/environment.md'));
    rmSync(join(root, 'experiments/iter1/review_result.json'));
    mkdirSync(join(root, 'experiments/iter1/review_result.json'));
    const { failedCodes, problems } = read(root);
    expect(failedCodes).toEqual(['review.missing', 'environment.invalid']);
    expect(problems.map(({ code }) => code)).toEqual(['file.not_a_file', 'file.missing']);
    expect(problems[1]?.message).toContain('## Activation');
  });
});

describe('readGuardDocuments', () => {
  const codeAfter = (change: (root: string) => void): string => {
    const root = project();
    change(root);
    const result = readGuardDocuments(root);
    return result.ok ? 'ok' : result.failure.code;
  };

  it('says which of the two files cannot be used', () => {
    expect(codeAfter(() => undefined)).toBe('ok');
    expect(
      codeAfter((root) => {
        rmSync(join(root, '.autolab/state.json'));
      }),
    ).toBe('state.missing');
    expect(
      codeAfter((root) => {
        put(root, '.autolab/state.json', '{');
      }),
    ).toBe('state.invalid');
    expect(
      codeAfter((root) => {
        put(root, '.autolab/state.json', '');
      }),
    ).toBe('state.invalid');
    expect(
      codeAfter((root) => {
        rmSync(join(root, '.autolab/backlog.yaml'));
      }),
    ).toBe('backlog.missing');
    expect(
      codeAfter((root) => {
        put(root, '.autolab/backlog.yaml', 'experiments: 3\n');
      }),
    ).toBe('backlog.invalid');
  });

  it('reports the problems of both at once', () => {
    const root = project();
    put(root, '.autolab/state.json', '{"iteration_id": "a/b", "stage": "launch"}');
    put(root, '.autolab/backlog.yaml', 'a: [\n');
    const result = readGuardDocuments(root);
    expect(!result.ok && result.failure.problems.map(({ code }) => code)).toEqual(['path.unsafe_id', 'file.syntax']);
  });
});
