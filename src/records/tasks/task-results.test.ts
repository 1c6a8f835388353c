import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../platform/ids.ts';
import { type ChecksumEntry, formatChecksums } from '../checksums.ts';
import type { TaskEnd } from './task-end.ts';
import { composeTaskResults, type TaskResultParts } from './task-results.ts';

const end = (index: number, change: Partial<TaskEnd> = {}): TaskEnd => ({
  ...{ index, state: 'completed', code: null, message: null, attempts: 1, owner: 'local', node: 'n', exit_code: 0 },
  ...{ signal: null, started_at: null, ended_at: null, wall_seconds: 1, cpu_seconds: 1, max_rss_bytes: 1 },
  ...change,
});
const file = (path: string): ChecksumEntry => ({ path, sha256: sha256(path), kind: 'file' });
const list = (paths: readonly string[]): string => formatChecksums(paths.map(file));
const PARTS: TaskResultParts = {
  ends: [end(0), end(1), end(2, { state: 'failed', code: 'local.failed', message: 'It ended with status 1.' })],
  tasks: [0, 1, 2].map((index) => ({ index, params: { seed: `${index}` } })),
  declared: [{ path: 'metrics.json', required: true }],
  outputs: list([
    ...['logs/x', 'tasks/0/metrics.json', 'tasks/0/stdout.log', 'tasks/1/stdout.log', 'tasks/10/metrics.json'],
  ]),
  whole: true,
  bytesOf: ({ length }) => length,
  reusedFrom: (index) => (index === 0 ? 'r0' : null),
};
const told = (parts: Partial<TaskResultParts>) =>
  composeTaskResults({ ...PARTS, ...parts }).map(({ state, code }) => code ?? state);

describe('composeTaskResults', () => {
  it('adds what each task was and left', () => {
    const [first, second, third] = composeTaskResults(PARTS);
    const lines = formatChecksums(['tasks/0/metrics.json', 'tasks/0/stdout.log'].map(file));
    expect(first).toEqual({
      ...end(0),
      params: { seed: '0' },
      artifacts: { sha256: sha256(lines), files: 2, bytes: 'tasks/0/metrics.jsontasks/0/stdout.log'.length },
      reused_from: 'r0',
    });
    expect(second).toMatchObject({ params: { seed: '1' }, artifacts: { files: 1 }, reused_from: null });
    expect(third).toMatchObject({ code: 'local.failed', artifacts: null });
  });

  it('digests the lines of a task as grep finds them', () => {
    const outputs = ['tasks/3/a b', 'tasks/3/new\nline', 'tasks/30/a', 'tasks/4/a'].map(file);
    outputs.push({ path: 'tasks/3/link', sha256: sha256('x'), kind: 'symlink' });
    const text = formatChecksums(outputs);
    const ends = [0, 1, 2, 3].map((index) => end(index));
    const [, , , third] = composeTaskResults({ ...PARTS, ends, outputs: text, declared: [] });
    const grep = spawnSync('grep', [' tasks/3/'], { input: text });
    expect(third?.artifacts).toMatchObject({ sha256: sha256(grep.stdout), files: 2 });
  });

  it('calls a task failed that completed without what it had to leave', () => {
    expect(told({})).toEqual(['completed', 'tasks.artifact_missing', 'local.failed']);
    expect(composeTaskResults(PARTS)[1]?.message).toBe('It completed, but left no metrics.json.');
  });

  it('does so only if all outputs are here', () => {
    expect(told({ whole: false })).toEqual(['completed', 'completed', 'local.failed']);
    expect(told({ outputs: null })).toEqual(['completed', 'completed', 'local.failed']);
    expect(composeTaskResults({ ...PARTS, outputs: null })[0]?.artifacts).toBeNull();
  });

  it.each([
    ['*', ['tasks.artifact_missing']],
    ['*.log', ['tasks.artifact_missing']],
    ['stdout.log', ['completed']],
    ['./stdout.log', ['completed']],
  ])('takes a log for an artifact only if the design names it: %s', (path, expected) => {
    const parts = { ends: [end(0)], declared: [{ path, required: true }], outputs: list(['tasks/0/stdout.log']) };
    expect(told(parts)).toEqual(expected);
  });

  it('takes folders and patterns as those of a run with one task', () => {
    const outputs = list(['tasks/0/out/a/b.pt', 'tasks/1/out', 'tasks/2/out/b.pt']);
    const ends = [0, 1, 2].map((index) => end(index));
    const codes = (path: string) => told({ ends, outputs, declared: [{ path, required: true }] });
    expect(codes('out/')).toEqual(['completed', 'completed', 'completed']);
    expect(codes('out/*.pt')).toEqual(['tasks.artifact_missing', 'tasks.artifact_missing', 'completed']);
    expect(codes('**/*.pt')).toEqual(['completed', 'tasks.artifact_missing', 'completed']);
  });

  it('leaves parameters out if the list is gone', () => {
    expect(composeTaskResults({ ...PARTS, tasks: null }).map(({ params }) => params)).toEqual([{}, {}, {}]);
  });
});
