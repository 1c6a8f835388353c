import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import {
  commitAll,
  edit,
  fakeCommands,
  makeProject,
  runIds,
  startsOf,
  temporaryFolder,
  write,
} from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

function git(cwd: string, ...words: readonly string[]): string {
  return execFileSync('git', [...AUTHOR, ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

async function launched(root: string): Promise<{ runId: string; commit: Record<string, any> }> {
  const ended = await autolab(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
  const [runId = ''] = runIds(root);
  return { runId, commit: manifestOf(root, runId)['commit'] as Record<string, any> };
}

/**
 * Everything below .git by content, and by time but for the objects: git marks one that it would have written again as
 * used. A launch may not even refresh the index.
 */
function gitFolder(root: string): string {
  const script = `cd "$0/.git" && find . -type f -not -path './objects/*' -printf '%p %T@\\n' | sort && find . -type f | sort | xargs sha256sum`;
  return execFileSync('bash', ['-c', script, root], { encoding: 'utf8' });
}

test('a clean tree: commit, branch, describe, remote without credentials; nothing in .git is changed', async () => {
  const root = makeProject({ git: true });
  git(root, 'tag', 'v1.2');
  git(root, 'remote', 'add', 'origin', 'https://ada:s3cr3t@example.org/lab/project.git?private_token=t0k3n');
  const before = gitFolder(root);
  const { runId, commit } = await launched(root);
  expect(gitFolder(root)).toBe(before);
  expect(commit).toMatchObject({
    source: 'git',
    sha: git(root, 'rev-parse', 'HEAD').trim(),
    branch: 'main',
    describe: 'v1.2',
    dirty: false,
    patch: null,
  });
  expect(commit['remote_url']).toMatch(/^https:\/\/example\.org\/lab\/project\.git/);
  expect(JSON.stringify(manifestOf(root, runId))).not.toMatch(/s3cr3t|t0k3n|ada:/);
  expect(existsSync(inRun(root, 'iter1', runId, 'code.patch'))).toBe(false);
  // As its own line in `sha256sum -c` format, from the project root.
  const sums = inRun(root, 'iter1', runId, 'code.sha256');
  execFileSync('sha256sum', ['--strict', '--quiet', '--check', sums], { cwd: root });
  expect(readFileSync(sums, 'utf8')).toContain('  experiments/iter1/main.sh\n');
  expect(readFileSync(sums, 'utf8')).not.toContain('state.json');
});

test('a dirty tree: code.patch applied to a fresh checkout gives the same tree, binaries and untracked files included', async () => {
  const root = makeProject();
  write(root, 'src/gone.py', 'gone\n');
  write(root, 'src/kept.py', 'one\ntwo\n');
  write(root, 'data.bin', Buffer.from([0, 1, 2, 255]));
  write(root, 'tool.sh', 'echo\n');
  commitAll(root);
  rmSync(join(root, 'src/gone.py'));
  write(root, 'src/kept.py', 'one\nthree\n');
  write(root, 'src/staged.py', 'staged\n');
  git(root, 'add', 'src/staged.py');
  write(root, 'data.bin', Buffer.from([0, 9, 10, 13, 254]));
  write(root, 'new folder/ünï "x"\n.bin', Buffer.from([0, 200, 0]));
  write(root, 'empty', '');
  chmodSync(join(root, 'tool.sh'), 0o755);
  symlinkSync('src/kept.py', join(root, 'link'));
  const before = gitFolder(root);
  const { runId, commit } = await launched(root);
  expect(gitFolder(root)).toBe(before);
  expect(commit).toMatchObject({ dirty: true, patch: { left_out: [] } });

  const fresh = join(temporaryFolder(), 'checkout');
  git(root, 'clone', '--quiet', root, fresh);
  git(fresh, 'apply', '--index', inRun(root, 'iter1', runId, 'code.patch'));
  execFileSync('sha256sum', ['--strict', '--quiet', '--check', inRun(root, 'iter1', runId, 'code.sha256')], {
    cwd: fresh,
  });
  const tree = (cwd: string): string => {
    git(cwd, 'add', '--all', '.', ':!.autolab', ':!experiments/iter1/launch');
    return git(cwd, 'ls-files', '--stage', '--', ':!.autolab', ':!experiments/iter1/launch');
  };
  expect(tree(fresh)).toBe(tree(root));
});

test('what is too large is named and digested, what looks like a secret is only named; neither is copied', async () => {
  const root = makeProject({ git: true });
  write(root, '.env', 'TOKEN=hunter2\n');
  write(root, 'keys/deploy.pem', 'hunter2\n');
  write(root, 'large.dat', Buffer.alloc(1024 * 1024 + 1, 'x'));
  write(root, 'small.txt', 'small\n');
  const { runId, commit } = await launched(root);
  const leftOut = commit['patch'].left_out as { path: string; reason: string; bytes: number; sha256: string | null }[];
  expect(leftOut.map((item) => item.path).sort()).toEqual(['.env', 'keys/deploy.pem', 'large.dat']);
  expect(leftOut.find((item) => item.path === '.env')?.reason).toContain('secret');
  expect(leftOut.find((item) => item.path === 'large.dat')).toMatchObject({
    bytes: 1024 * 1024 + 1,
    reason: expect.stringContaining('1048576') as string,
  });
  // The digest of a short secret can be guessed: it is not told.
  for (const item of leftOut)
    if (item.path === 'large.dat') expect(item.sha256).toMatch(/^[0-9a-f]{64}$/);
    else expect(item).toHaveProperty('sha256', null);
  const grep = (): string =>
    execFileSync('grep', ['-rl', 'hunter2', inRun(root, 'iter1', runId), join(root, '.autolab')], { encoding: 'utf8' });
  expect(grep).toThrow();
  expect(readFileSync(inRun(root, 'iter1', runId, 'code.patch'), 'utf8')).toContain('small.txt');
  expect(readFileSync(inRun(root, 'iter1', runId, 'code.sha256'), 'utf8')).not.toMatch(/^[^#]*\.env$/m);
});

test('no repository, no git, and an unborn HEAD are answers, not failures', async () => {
  const [none, unborn] = [makeProject(), makeProject()];
  git(unborn, 'init', '--quiet', '--initial-branch', 'trunk');
  const [without, born] = await Promise.all([launched(none), launched(unborn)]);
  expect(without.commit).toMatchObject({
    source: 'none',
    sha: null,
    dirty: null,
    reason: expect.stringContaining('not a git repository') as string,
  });
  expect(born.commit).toMatchObject({ source: 'git', sha: null, branch: 'trunk', dirty: true });
  // The patch is against nothing: applied in an empty folder it gives the tree.
  const fresh = temporaryFolder();
  git(fresh, 'init', '--quiet');
  git(fresh, 'apply', inRun(unborn, 'iter1', born.runId, 'code.patch'));
  execFileSync('sha256sum', ['--strict', '--quiet', '--check', inRun(unborn, 'iter1', born.runId, 'code.sha256')], {
    cwd: fresh,
  });
});

test('require_clean_tree: a dirty tree and no repository stop the launch; a commit lets it through', async () => {
  const root = makeProject();
  edit(root, '.autolab/launch.yaml', (text) => `${text}require_clean_tree: true\n`);
  const none = await autolabJson(root, ['launch']);
  expect([none.status, none.json['code'], none.json['stage_after']]).toEqual([10, 'git.required', 'launch']);
  commitAll(root);
  write(root, 'scratch.py', 'x\n');
  const dirty = await autolabJson(root, ['launch']);
  expect([dirty.status, dirty.json['code']]).toEqual([10, 'git.dirty']);
  expect(dirty.json['message']).toContain('scratch.py');
  // What git is in the way of costs no attempt.
  expect([runIds(root), stateOf(root)['stage_attempt']]).toEqual([[], 0]);
  commitAll(root);
  expect((await launched(root)).commit['dirty']).toBe(false);
});

test('a project in a folder of a repository: the repository is the code', async () => {
  const project = makeProject();
  const top = temporaryFolder();
  const root = join(top, 'deep', 'project');
  mkdirSync(join(top, 'deep'));
  cpSync(project, root, { recursive: true });
  write(top, 'outside.py', 'outside\n');
  commitAll(top);
  write(top, 'outside.py', 'changed outside\n');
  write(root, 'src/new.py', 'new\n');
  edit(root, 'experiments/iter1/main.sh', (text) => `# changed\n${text}`);
  const { runId, commit } = await launched(root);
  expect(commit).toMatchObject({ source: 'git', sha: git(top, 'rev-parse', 'HEAD').trim(), dirty: true });
  const fresh = join(temporaryFolder(), 'checkout');
  git(top, 'clone', '--quiet', top, fresh);
  git(fresh, 'apply', inRun(root, 'iter1', runId, 'code.patch'));
  execFileSync('sha256sum', ['--strict', '--quiet', '--check', inRun(root, 'iter1', runId, 'code.sha256')], {
    cwd: join(fresh, 'deep/project'),
  });
  expect(readFileSync(join(fresh, 'outside.py'), 'utf8')).toBe('changed outside\n');
  expect(readFileSync(inRun(root, 'iter1', runId, 'code.sha256'), 'utf8')).toContain('  ../../outside.py\n');
});

test('code that changes between the check and the start is not started', async () => {
  for (const change of ['edited', 'removed'] as const) {
    const root = makeProject({ git: true });
    write(root, 'src/model.py', 'approved\n');
    commitAll(root);
    await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'journal.record-code.step.outcome.after' } });
    if (change === 'edited') write(root, 'src/model.py', 'other\n');
    else renameSync(join(root, 'src/model.py'), join(root, 'src/other.py'));
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code'], ended.json['stage_after'], ended.json['stage_attempt']], change).toEqual([
      10,
      'local.code_changed',
      'launch',
      0,
    ]);
    expect(ended.json['message'], change).toContain('not started: src/model.py.');
    expect(ended.json['hint'], change).toContain('ignore: ["src/model.py"]');
    const [runId = ''] = runIds(root);
    expect(startsOf(root, runId), change).toBe(0);
    expect(readFileSync(inRun(root, 'iter1', runId, 'logs/stderr.log'), 'utf8'), change).toContain('src/model.py');
  }
});

test('detached HEAD, and the variables of a hook of another repository, lead nowhere else', async () => {
  const root = makeProject({ git: true });
  git(root, 'checkout', '--quiet', '--detach');
  const other = makeProject({ git: true });
  const env = {
    GIT_DIR: join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, '.git/index'),
    ...fakeCommands({ pager: 'exit 1' }),
  };
  expect((await autolab(root, ['launch'], { env })).status).toBe(0);
  const commit = manifestOf(root, runIds(root)[0] ?? '')['commit'] as Record<string, unknown>;
  expect([commit['sha'], commit['branch']]).toEqual([git(root, 'rev-parse', 'HEAD').trim(), null]);
});
