import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { commitAll, edit, makeProject, runIds, temporaryFolder, write } from '../support/project.ts';
import { again, besideLibrary, git, launched, recorded, withSubmodule } from '../support/repositories.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';

/** Repositories as people have them: submodules, nested clones, hidden edits, filters, a git in trouble (X4, X12, X14). */

vi.setConfig({ testTimeout: SLOW_MS });

describe('the scope', () => {
  it('is the repository: an edit beside the project is in listing, patch and fingerprint', async () => {
    const { top, root } = besideLibrary();
    const clean = await launched(root);
    expect(clean.commit).toMatchObject({ dirty: false, scope: 'repository', prefix: 'proj/' });
    expect(clean.commit['repositories']).toMatchObject([{ path: '.', kind: 'main', dirty: false, patch: null }]);
    write(top, 'lib/model.py', 'second\n');
    again(root);
    const edited = await launched(root);
    expect(edited.commit['dirty']).toBe(true);
    expect(recorded(root, edited.run)).toContain('  ../lib/model.py\n');
    expect(recorded(root, edited.run, 'code.patch')).toContain('+second');
    expect(edited.fingerprint).not.toBe(clean.fingerprint);
    execFileSync('sha256sum', ['--strict', '--quiet', '--check', inRun(root, 'iter1', edited.run, 'code.sha256')], {
      cwd: root,
    });
  });

  it('can be the project', async () => {
    const { top, root } = besideLibrary();
    edit(root, '.autolab/launch.yaml', (text) => `${text}code: {scope: project}\n`);
    write(top, 'lib/model.py', 'second\n');
    const { commit, run } = await launched(root);
    expect(commit).toMatchObject({ scope: 'project', prefix: 'proj/' });
    expect(recorded(root, run)).not.toContain('model.py');
    // launch.yaml itself is a setting, and what lies beside the project is not asked about.
    expect(commit['dirty']).toBe(false);
  });

  it('leaves out what other projects of the repository write', async () => {
    const { top, root } = besideLibrary();
    write(top, 'other/.autolab/state.json', '{}');
    write(top, 'other/experiments/e/runs/r/journal.jsonl', 'x\n');
    write(top, 'other/experiments/e/main.py', 'x\n');
    const { run } = await launched(root);
    const names = recorded(root, run)
      .split('\n')
      .map((line) => line.slice(66));
    expect(names.filter((name) => name.startsWith('../other/'))).toEqual(['../other/experiments/e/main.py']);
  });

  it('leaves out what launch.yaml ignores, tracked or not', async () => {
    const root = makeProject({ git: true });
    write(root, 'notes/a.md', 'a\n');
    commitAll(root);
    edit(root, '.autolab/launch.yaml', (text) => `${text}code: {ignore: [notes/, '*.tmp']}\n`);
    write(root, 'notes/a.md', 'b\n');
    write(root, 'deep/x.tmp', 'x\n');
    const { commit, run } = await launched(root);
    expect(commit['dirty']).toBe(false);
    expect(recorded(root, run)).not.toMatch(/notes|x\.tmp/);
  });

  it('names a pattern that it cannot follow, with its place', async () => {
    const root = makeProject({ git: true });
    edit(root, '.autolab/launch.yaml', (text) => `${text}code: {ignore: ['!keep']}\n`);
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code']]).toEqual([10, 'config.invalid']);
    expect(ended.json['problems']).toMatchObject([
      { file: '.autolab/launch.yaml', line: 2, pointer: '/code/ignore/0' },
    ]);
  });

  it('is not a home folder: the objection names the setting', async () => {
    const home = temporaryFolder();
    const root = makeProject({ root: join(home, 'proj') });
    git(home, 'init', '--quiet');
    const ended = await autolabJson(root, ['launch'], { env: { HOME: home } });
    expect([ended.status, ended.json['code'], ended.json['stage_attempt'], ended.json['stage_after']]).toEqual([
      10,
      'code.scope',
      0,
      'launch',
    ]);
    expect(ended.json['hint']).toContain('code: {scope: project}');
    edit(root, '.autolab/launch.yaml', (text) => `${text}code: {scope: project}\n`);
    expect((await autolab(root, ['launch'], { env: { HOME: home } })).status).toBe(0);
  });
});

describe('repositories within', () => {
  it('a submodule: its files, its commit, and an edit in it are recorded', async () => {
    const root = withSubmodule();
    const sub = join(root, 'vendor/net');
    const clean = await launched(root);
    expect(clean.commit['dirty']).toBe(false);
    const pinned = git(sub, 'rev-parse', 'HEAD').trim();
    expect(clean.commit['repositories'][1]).toMatchObject({
      path: 'vendor/net',
      kind: 'submodule',
      sha: pinned,
      pinned,
      dirty: false,
    });
    write(sub, 'net.py', 'two\n');
    again(root);
    const edited = await launched(root);
    expect(edited.commit['repositories'][1]).toMatchObject({
      dirty: true,
      patch: { file: 'code.1.patch', left_out: [] },
    });
    expect(recorded(root, edited.run, 'code.1.patch')).toContain('+two');
    git(sub, 'commit', '--quiet', '--all', '--message', 'two');
    again(root);
    const moved = await launched(root);
    expect(moved.commit['repositories'][1]).toMatchObject({
      dirty: false,
      pinned,
      sha: git(sub, 'rev-parse', 'HEAD').trim(),
    });
    expect(moved.fingerprint).toBe(edited.fingerprint);
    expect(new Set([clean, edited].map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('a submodule that is not checked out is named', async () => {
    const root = withSubmodule();
    git(root, 'submodule', '--quiet', 'deinit', '--force', 'vendor/net');
    const { commit, stderr } = await launched(root);
    expect(commit['repositories']).toHaveLength(1);
    expect(commit['notes']).toContain('submodule vendor/net is not checked out');
    expect(stderr).toContain('submodule vendor/net is not checked out');
    expect(manifestOf(root, runIds(root)[0] ?? '')['warnings']).toContain('submodule vendor/net is not checked out');
  });

  it('a clone within: recorded as one of its own, and what is within that', async () => {
    const root = makeProject({ git: true });
    write(root, 'tools/a.py', 'a\n');
    write(root, 'tools/deep/b.py', 'b\n');
    for (const folder of ['tools/deep', 'tools']) commitAll(join(root, folder));
    write(root, 'tools/deep/c.py', 'c\n');
    const { commit, run } = await launched(root);
    expect(commit['repositories']).toMatchObject([
      { path: '.', dirty: true, patch: null },
      { path: 'tools', kind: 'nested', dirty: false },
      { path: 'tools/deep', dirty: true, patch: { file: 'code.2.patch' } },
    ]);
    expect(recorded(root, run)).toMatch(/ {2}tools\/a\.py\n.* {2}tools\/deep\/b\.py\n.* {2}tools\/deep\/c\.py\n/s);
  });
});

describe('dirty is a matter of bytes', () => {
  it.each(['assume-unchanged', 'skip-worktree'])('an edit that git was asked not to see: --%s', async (how) => {
    const root = makeProject({ git: true });
    write(root, 'config.py', 'lr = 1\n');
    commitAll(root);
    git(root, 'update-index', `--${how}`, 'config.py');
    write(root, 'config.py', 'lr = 9\n');
    const { commit, run, stderr } = await launched(root);
    expect(commit['dirty']).toBe(true);
    expect(recorded(root, run, 'code.patch')).toContain('+lr = 9');
    expect(stderr).toMatch(/although git was asked not to look .*: config\.py/);
  });

  it('an edit of the same size and time', async () => {
    const root = makeProject({ git: true });
    write(root, 'config.py', 'lr = 1\n');
    const at = new Date('2026-01-01');
    utimesSync(join(root, 'config.py'), at, at);
    git(root, 'config', 'core.trustctime', 'false');
    git(root, 'config', 'core.checkStat', 'minimal');
    commitAll(root);
    write(root, 'config.py', 'lr = 9\n');
    utimesSync(join(root, 'config.py'), at, at);
    expect(git(root, 'status', '--porcelain', 'config.py')).toBe('');
    expect((await launched(root)).commit['dirty']).toBe(true);
  });

  it.each([
    ['line endings', '*.txt text eol=crlf\n', {}],
    ['a filter', '*.txt filter=turn\n', { 'filter.turn.clean': 'tr a-m n-z', 'filter.turn.smudge': 'tr n-z a-m' }],
    ['an identity', '*.txt ident\n', {}],
    ['automatic line endings', '* text=auto\n', { 'core.autocrlf': 'true' }],
    ['a check of line endings', '* text=auto\n', { 'core.safecrlf': 'true' }],
  ])('clean is what git makes of the commit by %s', async (_, attributes, settings) => {
    const origin = makeProject();
    write(origin, '.gitattributes', `${attributes}*.sh -text\n`);
    write(origin, 'a.txt', 'alpha\nbeta\n$Id$\n');
    write(origin, 'odd "ü" name.txt', 'abc\n');
    const root = join(temporaryFolder(), 'clone');
    git(origin, 'init', '--quiet');
    for (const [name, value] of Object.entries(settings)) git(origin, 'config', name, value);
    commitAll(origin);
    git(origin, 'clone', '--quiet', '--no-checkout', '.', root);
    for (const [name, value] of Object.entries(settings)) git(root, 'config', name, value);
    git(root, 'checkout', '--quiet');
    expect((await launched(root)).commit).toMatchObject({ dirty: false, patch: null });
    edit(root, 'a.txt', (text) => `${text}edited\n`);
    again(root);
    const { commit, run } = await launched(root);
    expect(commit['dirty']).toBe(true);
    // The bytes as they are, past the filters.
    expect(recorded(root, run, 'code.patch')).toContain('\n+edited\n');
  });

  it('clean is what a pointer of git LFS stands for, without git-lfs', async () => {
    const root = makeProject({ git: true });
    const content = 'weights\n'.repeat(1000);
    const oid = execFileSync('sha256sum', { input: content, encoding: 'utf8' }).slice(0, 64);
    write(root, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    write(root, 'w.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`);
    commitAll(root);
    write(root, 'w.bin', content);
    expect((await launched(root)).commit['dirty']).toBe(false);
    write(root, 'w.bin', `${content}x`);
    again(root);
    expect((await launched(root)).commit['dirty']).toBe(true);
  });

  it('a sparse checkout is clean, and says what is not there', async () => {
    const root = makeProject({ git: true });
    write(root, 'big/a.py', 'a\n');
    write(root, 'src/b.py', 'b\n');
    commitAll(root);
    git(root, 'sparse-checkout', 'set', '--no-cone', '/*', '!/big/');
    expect(existsSync(join(root, 'big'))).toBe(false);
    const clean = await launched(root);
    expect(clean.commit['dirty']).toBe(false);
    expect(clean.commit['notes']).toContain('1 files of the commit are not there: the checkout is sparse');
    write(root, 'src/b.py', 'c\n');
    again(root);
    const { commit, run } = await launched(root);
    expect(commit['patch']).toMatchObject({ left_out: [] });
    expect(recorded(root, run, 'code.patch')).toContain('+c');
    expect(recorded(root, run, 'code.patch')).not.toContain('big/a.py');
  });

  it('a path with a colon, a quote and a backslash has a patch', async () => {
    const root = makeProject({ root: join(temporaryFolder(), 'a:b "c" \\d') });
    write(root, 'src/a.py', 'a\n');
    commitAll(root);
    write(root, 'src/a.py', 'b\n');
    write(root, 'line\nbreak "x" \\y', 'new\n');
    const { commit, run } = await launched(root);
    expect(commit['patch']).toMatchObject({ left_out: [] });
    const fresh = join(temporaryFolder(), 'fresh');
    git(root, 'clone', '--quiet', '.', fresh);
    git(fresh, 'apply', inRun(root, 'iter1', run, 'code.patch'));
    expect(readFileSync(join(fresh, 'line\nbreak "x" \\y'), 'utf8')).toBe('new\n');
    execFileSync('sha256sum', ['--strict', '--quiet', '--check', inRun(root, 'iter1', run, 'code.sha256')], {
      cwd: fresh,
    });
  });

  it("settings of git's diff do not change the patch", async () => {
    const root = makeProject({ git: true });
    write(root, 'a.py', 'a\n');
    commitAll(root);
    for (const [name, value] of [
      ['diff.noprefix', 'true'],
      ['diff.external', 'false'],
      ['color.ui', 'always'],
      ['diff.orderFile', '/dev/null'],
    ])
      git(root, 'config', name ?? '', value ?? '');
    write(root, 'a.py', 'b\n');
    const { run } = await launched(root);
    expect(recorded(root, run, 'code.patch')).toContain('diff --git a/a.py b/a.py\n');
  });
});
