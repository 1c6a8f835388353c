import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { rebuildCode } from '../../src/code/rebuild/rebuild.ts';
import { recipeOf } from '../../src/code/rebuild/recipe.ts';
import { findHere } from '../../src/code/rebuild/sources.ts';
import type { CommitRecord } from '../../src/records/manifest-schema.ts';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { commitAll, makeProject, runIds, temporaryFolder, write } from '../support/project.ts';
import { copyRun, gitIn, gitState, treeOf } from '../support/rebuilt.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** What is code of such a project: not what autolab writes. */
function codeOf(folder: string): Record<string, string> {
  const own =
    /(^|\/)(\.autolab\/|docs\/slurm_job_list\.md|experiments\/[^/]+\/(runs|launch)\/|experiments\/[^/]+\/review_result\.json)/;
  return Object.fromEntries([...treeOf(folder)].filter(([path]) => !own.test(path)));
}

function rebuildable(verifiers: readonly { name: string }[]): unknown {
  return verifiers.find(({ name }) => name === 'code_rebuildable');
}

async function launchedRun(root: string): Promise<string> {
  const ended = await autolab(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
  return runIds(root).at(-1) ?? '';
}

test('the tree that ran, here and in a clone: changes, new files, deletions, bits, links, odd names, a submodule', async () => {
  const library = temporaryFolder();
  write(library, 'lib.py', 'one\n');
  write(library, 'same.py', 'same\n');
  commitAll(library);
  const root = makeProject();
  write(root, 'src/gone.py', 'gone\n');
  write(root, 'src/kept.py', 'one\ntwo\n');
  write(root, 'data.bin', Buffer.from([0, 1, 2, 255]));
  write(root, 'tool.sh', 'echo\n');
  write(root, 'folder', 'was a file\n');
  gitIn(root, 'init', '--quiet', '--initial-branch=main');
  gitIn(root, 'submodule', 'add', '--quiet', library, 'lib');
  commitAll(root);
  rmSync(join(root, 'src/gone.py'));
  write(root, 'src/kept.py', 'one\r\nthree');
  write(root, 'data.bin', Buffer.from([0, 9, 10, 13, 254]));
  chmodSync(join(root, 'tool.sh'), 0o755);
  symlinkSync('src/kept.py', join(root, 'link'));
  write(root, 'odd \\ "name"\n: -ü/-x', 'odd');
  rmSync(join(root, 'folder'));
  write(root, 'folder/file', 'a folder now\n');
  write(root, 'lib/lib.py', 'edited\n');
  write(root, 'lib/new.py', 'new\n');
  const runId = await launchedRun(root);
  expect(rebuildable(manifestOf(root, runId)['verifiers'])).toMatchObject({ status: 'pass', details: [] });
  const then = codeOf(root);
  const before = gitState(root);

  const here = join(temporaryFolder(), 'as-it-ran');
  const rebuilt = await autolabJson(root, ['code', runId, '--checkout', here]);
  expect(rebuilt.json, rebuilt.stdout).toMatchObject({
    code: 'ok',
    run_id: runId,
    directory: here,
    project: here,
    missing: [],
    files: Object.keys(then).length,
    rebuilt: Object.keys(then).length,
  });
  expect(rebuilt.status).toBe(0);
  expect(codeOf(here)).toEqual(then);
  expect(gitState(root)).toBe(before);

  const clone = join(temporaryFolder(), 'clone');
  gitIn(root, 'clone', '--quiet', '--recurse-submodules', root, clone);
  copyRun(root, clone, runId);
  const there = join(temporaryFolder(), 'there');
  const again = await autolab(clone, ['code', '--checkout', there]);
  expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' });
  expect(again.stdout).toContain(`Rebuilt the code of ${runId} in ${there}`);
  expect(codeOf(there)).toEqual(then);
});

test('what cannot be had is named with the reason, and the rest is there', async () => {
  const root = makeProject();
  write(root, 'kept.pem', 'committed\n');
  write(root, 'gone.key', 'committed\n');
  commitAll(root);
  write(root, '.env', 'TOKEN=hunter2\n');
  write(root, 'large.dat', Buffer.alloc(1024 * 1024 + 1, 'x'));
  write(root, 'small.txt', 'small\n');
  rmSync(join(root, 'gone.key'));
  const runId = await launchedRun(root);
  const directory = join(temporaryFolder(), 'tree');
  const ended = await autolabJson(root, ['code', '--checkout', directory]);
  expect([ended.status, ended.json['code']]).toEqual([10, 'code.incomplete']);
  const missing = ended.json['missing'] as { path: string; reason: string }[];
  expect(missing.map(({ path }) => path)).toEqual(['.env', 'large.dat']);
  expect(missing.map(({ reason }) => reason)).toEqual([
    'the name looks like a secret',
    expect.stringMatching(/^larger than 1048576 bytes; its sha256 is [0-9a-f]{64}$/) as string,
  ]);
  expect(ended.json['files']).toBe(Number(ended.json['rebuilt']) + 2);
  // A secret of the commit that was as committed is known; one that was deleted is not made again.
  expect(readdirSync(directory).sort()).toEqual(['.gitignore', 'docs', 'experiments', 'kept.pem', 'small.txt']);

  const patch = inRun(root, 'iter1', runId, 'code.patch');
  appendFileSync(patch, 'x');
  const verified = await autolabJson(root, ['verify', runId]);
  expect(rebuildable(verified.json['verifiers'])).toEqual({
    name: 'code_rebuildable',
    status: 'warn',
    message: '3 things missing for a rebuild of the code.',
    details: [
      expect.stringMatching(/^code\.patch: has changed; its sha256 was [0-9a-f]{64}$/) as string,
      '.env: the name looks like a secret',
      'large.dat: larger than 1048576 bytes',
    ],
  });
  const second = await autolab(root, ['code', runId, '--checkout', join(temporaryFolder(), 'tree')]);
  expect(second.status).toBe(10);
  expect(second.stdout).toMatch(/small\.txt: code\.patch is missing or has changed: its sha256 was [0-9a-f]{64}/);
});

test('a clone that lacks the commit, and one that lacks the submodule, say what to do', async () => {
  const library = temporaryFolder();
  write(library, 'lib.py', 'one\n');
  commitAll(library);
  const root = makeProject({ git: true });
  const old = join(temporaryFolder(), 'old');
  gitIn(root, 'clone', '--quiet', root, old);
  gitIn(root, 'submodule', 'add', '--quiet', library, 'lib');
  commitAll(root);
  const runId = await launchedRun(root);
  const bare = join(temporaryFolder(), 'bare');
  gitIn(root, 'clone', '--quiet', root, bare);
  const reasons = async (clone: string): Promise<Record<string, string>> => {
    copyRun(root, clone, runId);
    const ended = await autolabJson(clone, ['code', runId, '--checkout', join(temporaryFolder(), 'tree')]);
    expect([ended.status, ended.json['code']]).toEqual([10, 'code.incomplete']);
    const missing = ended.json['missing'] as { path: string; reason: string }[];
    return Object.fromEntries(missing.map(({ path, reason }) => [path, reason]));
  };
  const sha = gitIn(root, 'rev-parse', 'HEAD').trim();
  expect(await reasons(old)).toMatchObject({
    'experiments/iter1/main.sh': `the commit ${sha} is not in this repository: git fetch`,
    'lib/lib.py': expect.stringContaining('of the submodule lib is not here') as string,
  });
  expect(await reasons(bare)).toEqual({
    'lib/lib.py': expect.stringContaining('git submodule update --init') as string,
  });
});

test('a folder that is not empty, a run without git, a changed listing, and no folder at all are refused', async () => {
  const root = makeProject({ git: true });
  const runId = await launchedRun(root);
  const full = temporaryFolder();
  write(full, 'mine', 'mine');
  const refused = await autolabJson(root, ['code', runId, '--checkout', full]);
  expect([refused.status, refused.json['code'], readdirSync(full)]).toEqual([12, 'code.exists', ['mine']]);
  expect((await autolab(root, ['code', runId])).status).toBe(2);
  const empty = temporaryFolder();
  appendFileSync(inRun(root, 'iter1', runId, 'code.sha256'), '# x\n');
  const changed = await autolabJson(root, ['code', runId, '--checkout', empty]);
  expect([changed.status, changed.json['code'], readdirSync(empty)]).toEqual([12, 'code.not_recorded', []]);
  const without = makeProject();
  const none = await launchedRun(without);
  const ended = await autolabJson(without, ['code', none, '--checkout', empty]);
  expect([ended.status, ended.json['code']]).toEqual([12, 'code.not_recorded']);
});

test('a record that was edited writes nothing outside of the new folder', async () => {
  const root = makeProject({ git: true });
  const outside = temporaryFolder();
  symlinkSync(outside, join(root, 'a'));
  mkdirSync(join(root, 'b'));
  write(root, 'b/x', 'x\n');
  const runId = await launchedRun(root);
  const sums = inRun(root, 'iter1', runId, 'code.sha256');
  const digest = /^([0-9a-f]{64}) {2}b\/x$/m.exec(readFileSync(sums, 'utf8'))?.[1] ?? '';
  const listing = `${readFileSync(sums, 'utf8')}${['a/x', '../x', '.git/config', 'b/.GIT/x'].map((path) => `${digest}  ${path}\n`).join('')}`;
  const recipe = recipeOf(manifestOf(root, runId)['commit'], listing, '');
  if ('error' in recipe) throw new Error(recipe.error);
  const directory = join(temporaryFolder(), 'tree');
  const places = { directory, runFolder: inRun(root, 'iter1', runId), here: await findHere(root) };
  const { missing } = await rebuildCode(recipe, places, []);
  expect(missing.map(({ path }) => path)).toEqual(['../x', '.git/config', 'a/x', 'b/.GIT/x']);
  expect([readdirSync(outside), existsSync(join(directory, '.git')), existsSync(join(directory, '../x'))]).toEqual([
    [],
    false,
    false,
  ]);
});

test('filters and git LFS: by the attributes of the whole repository; what a clone lacks of them is named', async () => {
  const top = temporaryFolder();
  const root = join(top, 'sub');
  mkdirSync(root);
  makeProject({ root });
  write(root, '.autolab/launch.yaml', 'host_mode: local\ncode: {scope: project}\n');
  gitIn(top, 'init', '--quiet', '--initial-branch=main');
  const large = 'the large file\n';
  const oid = createHash('sha256').update(large).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${large.length}\n`;
  write(root, 'large.dat', pointer);
  write(root, 'a.up', 'lower\n');
  write(top, '.gitattributes', '*.up filter=up\n*.dat filter=lfs\n');
  gitIn(top, 'config', 'filter.up.smudge', 'tr a-z A-Z');
  gitIn(top, 'config', 'filter.up.clean', 'tr A-Z a-z');
  commitAll(top);
  write(top, `.git/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`, large);
  write(root, 'large.dat', large);
  write(root, 'a.up', 'LOWER\n');
  const runId = await launchedRun(root);
  expect(manifestOf(root, runId)['commit']).toMatchObject({ dirty: false, patch: null });
  const here = join(temporaryFolder(), 'tree');
  const rebuilt = await autolabJson(root, ['code', '--checkout', here]);
  expect([rebuilt.status, rebuilt.json['project']], rebuilt.stdout).toEqual([0, join(here, 'sub')]);
  expect(codeOf(join(here, 'sub'))).toEqual(codeOf(root));
  expect(readdirSync(here)).toEqual(['sub']);

  const clone = join(temporaryFolder(), 'clone');
  gitIn(top, 'clone', '--quiet', top, clone);
  copyRun(root, join(clone, 'sub'), runId);
  const ended = await autolabJson(join(clone, 'sub'), ['code', '--checkout', join(temporaryFolder(), 'tree')]);
  expect([ended.status, ended.json['missing']]).toEqual([
    10,
    [
      { path: 'sub/a.up', reason: 'the filter "up" is not set up here, or makes other bytes' },
      { path: 'sub/large.dat', reason: `git lfs does not have its bytes here (${oid}): git lfs fetch` },
    ],
  ]);
});

test('a record of an older autolab: one repository, paths of the project only, no place', async () => {
  const top = temporaryFolder();
  const root = join(top, 'sub');
  mkdirSync(root);
  makeProject({ root });
  write(root, '.autolab/launch.yaml', 'host_mode: local\ncode: {scope: project}\n');
  write(root, 'kept.txt', 'kept\n');
  write(top, 'outside.txt', 'no code then\n');
  commitAll(top);
  write(root, 'kept.txt', 'edited\n');
  write(root, 'large.dat', Buffer.alloc(1024 * 1024 + 1, 'x'));
  const runId = await launchedRun(root);
  const record = manifestOf(root, runId)['commit'] as CommitRecord;
  const newer = ['scope', 'prefix', 'repositories', 'code_digest'];
  const kept = Object.entries(record).filter(([key]) => !newer.includes(key));
  const leftOut = (record.patch?.left_out ?? []).map((item) => ({ ...item, path: `sub/${item.path}` }));
  const patch = record.patch === null ? null : { ...record.patch, left_out: leftOut };
  const listing = readFileSync(inRun(root, 'iter1', runId, 'code.sha256'), 'utf8');
  const recipe = recipeOf({ ...(Object.fromEntries(kept) as CommitRecord), patch }, listing, 'sub/');
  if ('error' in recipe) throw new Error(recipe.error);
  const directory = join(temporaryFolder(), 'tree');
  const places = { directory, runFolder: inRun(root, 'iter1', runId), here: await findHere(root) };
  const { missing } = await rebuildCode(recipe, places, []);
  expect(missing).toEqual([{ path: 'sub/large.dat', reason: expect.stringContaining('larger than') as string }]);
  const then = Object.entries(codeOf(root)).filter(([path]) => path !== 'large.dat');
  expect(codeOf(join(directory, 'sub'))).toEqual(Object.fromEntries(then));
  expect(readdirSync(directory)).toEqual(['sub']);
});
