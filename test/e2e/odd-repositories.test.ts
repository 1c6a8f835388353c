import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { commitAll, edit, makeProject, temporaryFolder, write } from '../support/project.ts';
import { again, besideLibrary, git, launched, recorded, withSubmodule } from '../support/repositories.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';

/** What a repository may be like that makes a record untrue if nobody thinks of it (X12). */

vi.setConfig({ testTimeout: SLOW_MS });

async function cleanTreeRefused(root: string, name: string): Promise<void> {
  edit(root, '.autolab/launch.yaml', (text) => `${text}require_clean_tree: true\n`);
  const ended = await autolabJson(root, ['launch', '--dry-run']);
  expect([ended.json['code'], ended.json['message']]).toMatchObject([
    'git.dirty',
    expect.stringContaining(name) as string,
  ]);
}

describe('a commit that does not name what is there', () => {
  it('a submodule at another commit: dirty, both commits are named', async () => {
    const root = withSubmodule();
    const sub = join(root, 'vendor/net');
    write(sub, 'net.py', 'two\n');
    git(sub, 'commit', '--quiet', '--all', '--message', 'two');
    const { commit } = await launched(root);
    expect(commit['dirty']).toBe(true);
    expect(commit['notes']).toContain(
      `vendor/net is at ${git(sub, 'rev-parse', 'HEAD').slice(0, 12)}, and the commit names ${git(root, 'rev-parse', 'HEAD:vendor/net').slice(0, 12)}`,
    );
    again(root);
    await cleanTreeRefused(root, 'vendor/net');
  });

  it('a submodule that is no longer one, and a clone that git does not track', async () => {
    const root = withSubmodule();
    git(root, 'rm', '--quiet', '--cached', 'vendor/net');
    write(root, 'tools/a.py', 'a\n');
    commitAll(join(root, 'tools'));
    const { commit } = await launched(root);
    expect(commit['dirty']).toBe(true);
    expect(commit['notes']).toContain('vendor/net is no submodule any more');
    expect(commit['notes']).toContain('tools is a repository that the one around it does not track');
  });

  it('files in the folder of a submodule whose repository is lost are code', async () => {
    const root = withSubmodule();
    execFileSync('rm', ['-rf', join(root, 'vendor/net/.git')]);
    write(root, 'vendor/net/net.py', 'other\n');
    const { commit, run } = await launched(root);
    expect(commit['dirty']).toBe(true);
    expect(recorded(root, run)).toContain('  vendor/net/net.py\n');
  });
});

describe('settings of the repository', () => {
  it('hooks do not run', async () => {
    const root = makeProject({ git: true });
    for (const name of ['reference-transaction', 'post-index-change', 'post-checkout']) {
      write(root, `.git/hooks/${name}`, '#!/bin/sh\ntouch "$(git rev-parse --git-dir)/ran"\nexit 1\n');
      chmodSync(join(root, '.git/hooks', name), 0o755);
    }
    write(root, 'a.py', 'a\n');
    const { commit } = await launched(root);
    expect(commit['patch']).toMatchObject({ left_out: [] });
    expect(() => execFileSync('ls', [join(root, '.git/ran')], { stdio: 'ignore' })).toThrow();
  });

  it('core.ignoreCase of another system hides no file', async () => {
    const root = makeProject({ git: true });
    git(root, 'config', 'core.ignoreCase', 'true');
    write(root, 'Lib.py', 'one\n');
    commitAll(root);
    renameSync(join(root, 'Lib.py'), join(root, 'lib.py'));
    const { commit, run } = await launched(root);
    expect(commit['dirty']).toBe(true);
    expect(recorded(root, run)).toContain('  lib.py\n');
  });

  it('core.worktree that leads elsewhere is git in trouble', async () => {
    const root = makeProject({ git: true });
    git(root, 'config', 'core.worktree', temporaryFolder());
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code']]).toEqual([10, 'git.failed']);
    expect(ended.json['hint']).toContain('core.worktree');
  });

  it('GIT_CEILING_DIRECTORIES of the caller does not hide the repository', async () => {
    const { top, root } = besideLibrary();
    const { commit } = await launched(root, { GIT_CEILING_DIRECTORIES: top });
    expect(commit['source']).toBe('git');
  });

  it('the executable bit is in the digest, unless core.fileMode says that it means nothing', async () => {
    const root = makeProject({ git: true });
    write(root, 'go.sh', '#!/bin/sh\n');
    commitAll(root);
    const plain = await launched(root);
    chmodSync(join(root, 'go.sh'), 0o755);
    again(root);
    const executable = await launched(root);
    expect(executable.commit['code_digest']).not.toBe(plain.commit['code_digest']);
    git(root, 'config', 'core.fileMode', 'false');
    again(root);
    expect((await launched(root)).commit).toMatchObject({ code_digest: plain.commit['code_digest'], dirty: false });
  });
});

describe('files that cannot be recorded', () => {
  it('names that are not UTF-8 are named, and do not make the tree dirty', async () => {
    const root = makeProject({ git: true });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/a`), Buffer.from([0xff])]), 'x\n');
    commitAll(root);
    const { commit, stderr } = await launched(root);
    expect(commit['dirty']).toBe(false);
    expect(stderr).toContain('not recorded, because the name is not UTF-8: a\uFFFD');
  });

  it('an experiment behind a link: its files are listed, and no argument is pointed out', async () => {
    const root = makeProject();
    mkdirSync(join(root, 'experiments/plan'));
    renameSync(join(root, 'experiments/iter1'), join(root, 'experiments/plan/iter1'));
    symlinkSync('plan/iter1', join(root, 'experiments/iter1'));
    commitAll(root);
    expect((await launched(root)).stderr).not.toContain('not code');
  });

  it('a pointer of LFS where no attribute says so is a text like any other', async () => {
    const root = makeProject({ git: true });
    const oid = execFileSync('sha256sum', { input: 'weights\n', encoding: 'utf8' }).slice(0, 64);
    write(root, 'w.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 8\n`);
    commitAll(root);
    write(root, 'w.bin', 'weights\n');
    expect((await launched(root)).commit['dirty']).toBe(true);
  });
});

describe('a tree that is rebuilt in the repository', () => {
  it('is said to be code of the next launch, unless git ignores it', async () => {
    const root = makeProject({ git: true });
    write(root, '.gitignore', 'ignored/\n');
    commitAll(root);
    await launched(root);
    const said = async (folder: string): Promise<unknown> =>
      (await autolabJson(root, ['code', '--checkout', folder])).json['message'];
    const next = 'the next launch counts it as code';
    expect(await said('as-it-ran')).toContain(next);
    expect(await said('ignored/as-it-ran')).not.toContain(next);
    expect(await said(join(temporaryFolder(), 'as-it-ran'))).not.toContain(next);
  });
});

describe('a review with empty digests', () => {
  it('approves nothing, and the verifier says so', async () => {
    const root = makeProject({ git: true });
    edit(root, 'experiments/iter1/review_result.json', (text) =>
      JSON.stringify({ ...(JSON.parse(text) as object), approved: {} }),
    );
    expect((await autolab(root, ['launch'])).status).toBe(0);
    const [run = ''] = execFileSync('ls', [join(root, 'experiments/iter1/runs')], { encoding: 'utf8' }).split('\n');
    const verifiers = manifestOf(root, run)['verifiers'] as { name: string; status: string }[];
    expect(verifiers.find(({ name }) => name === 'approval')?.status).toBe('skip');
  });
});
