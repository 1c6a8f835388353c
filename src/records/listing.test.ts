import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isArtifactPath, listTree } from './listing.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autolab-list-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('listTree', () => {
  it('lists files, links and oddities with their sizes, sorted by bytes, without following links', async () => {
    mkdirSync(join(root, 'a/b'), { recursive: true });
    mkdirSync(join(root, 'empty'));
    writeFileSync(join(root, 'a/b/c'), 'four');
    writeFileSync(join(root, 'a.txt'), '');
    writeFileSync(join(root, 'new\nline'), 'x');
    symlinkSync('..', join(root, 'a/loop'));
    symlinkSync('/nowhere', join(root, 'z'));
    spawnSync('mkfifo', [join(root, 'pipe')]);

    expect(await listTree(root)).toEqual({
      problems: [],
      entries: [
        { path: 'a.txt', kind: 'file', bytes: 0 },
        { path: 'a/b/c', kind: 'file', bytes: 4 },
        { path: 'a/loop', kind: 'symlink', bytes: 2 },
        { path: 'new\nline', kind: 'file', bytes: 1 },
        { path: 'pipe', kind: 'other', bytes: 0 },
        { path: 'z', kind: 'symlink', bytes: 8 },
      ],
    });
  });

  it('leaves out what is excluded, folders with all below them', async () => {
    mkdirSync(join(root, 'skip/deep'), { recursive: true });
    writeFileSync(join(root, 'skip/deep/a'), '');
    writeFileSync(join(root, 'b'), '');
    writeFileSync(join(root, 'c'), '');
    const asked: string[] = [];

    const { entries } = await listTree(root, {
      exclude: (path) => {
        asked.push(path);
        return path === 'skip' || path === 'c';
      },
    });

    expect(entries.map((entry) => entry.path)).toEqual(['b']);
    expect(asked.sort()).toEqual(['b', 'c', 'skip']);
  });

  it('reports names that are not UTF-8 and goes on', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]), '');
    mkdirSync(Buffer.concat([Buffer.from(`${root}/folder-`), Buffer.from([0xc3])]));
    writeFileSync(join(root, 'good'), '');

    const { entries, problems } = await listTree(root);

    expect(entries.map((entry) => entry.path)).toEqual(['good']);
    expect(problems.map((problem) => problem.code)).toEqual(['file.bad_name', 'file.bad_name']);
    expect(problems[0]?.message).toContain('6261642dff');
  });

  it('goes down 400 levels', async () => {
    const deep = Array.from({ length: 400 }, () => 'dddd').join('/');
    mkdirSync(join(root, deep), { recursive: true });
    writeFileSync(join(root, deep, 'f'), '');

    expect((await listTree(root)).entries).toEqual([{ path: `${deep}/f`, kind: 'file', bytes: 0 }]);
  });

  it('reports a root that is missing or no folder', async () => {
    writeFileSync(join(root, 'file'), '');

    expect((await listTree(join(root, 'absent'))).problems).toMatchObject([{ file: '.', code: 'file.missing' }]);
    expect((await listTree(join(root, 'file'))).problems).toMatchObject([{ file: '.', code: 'file.unreadable' }]);
  });
});

describe('isArtifactPath', () => {
  it.each([
    ['metrics.json', true],
    ['logs/stdout.log', true],
    ['code.sha256', true],
    ['out/run_manifest.json', true],
    ['.hidden', true],
    ['receipts/a', true],
    ['journal.jsonl', false],
    ['run_manifest.json', false],
    ['artifacts.sha256', false],
    ['cancel.json', false],
    ['logs/driver.log', false],
    ['logs/supervisor.log', false],
    ['receipt', false],
    ['receipt/exit.json', false],
    ['.run_manifest.json.0123456789abcdef.tmp', false],
    ['out/.x.0123456789abcdef.tmp', false],
  ])('%s: %s', (path, expected) => {
    expect(isArtifactPath(path, false)).toBe(expected);
  });

  it.each([
    ['tasks.jsonl', false],
    ['tasks_result.jsonl', false],
    ['receipts', false],
    ['receipts/3.exit', false],
    ['receipts.txt', true],
    ['tasks/3/metrics.json', true],
    ['tasks/3/stdout.log', true],
    ['tasks/3/receipts/a', true],
    ['tasks/3/tasks.jsonl', true],
  ])('%s of a run with many tasks: %s; of any other run it is an output', (path, expected) => {
    expect([isArtifactPath(path, true), isArtifactPath(path, false)]).toEqual([expected, true]);
  });
});
