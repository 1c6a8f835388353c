import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bashScript,
  fakeCommand,
  fakePath,
  makeNode,
  MARK_SCRIPT,
  type Node,
  ranJobs,
} from '../../test/support/slurm-scripts.ts';
import { findCode } from '../code/find.ts';
import { sha256 } from '../platform/ids.ts';
import { LIST_CODE_FILE, listCodeScript } from './code-listing.ts';
import { ADDED_OR_REMOVED } from './slurm-pieces.ts';

const MARK = MARK_SCRIPT;
const ran = ranJobs;

describe('what was approved is what ran (X4)', () => {
  it.each([
    ['changed', 'something else'],
    ['missing', null],
  ])('stops before the entrypoint where code is %s', async (_, text) => {
    const node = makeNode();
    writeFileSync(join(node.root, 'code.py'), text ?? '');
    if (text === null) rmSync(join(node.root, 'code.py'));
    writeFileSync(join(node.runDir, 'code.sha256'), `# approved\n${sha256('approved')}  code.py\n`);

    const ended = await node.run(MARK);

    expect(ended.status).toBe(97);
    expect(ended.stderr).toMatch(
      /^autolab: the code is not what was approved; nothing was started:\n(?:.*\n)?code\.py: FAILED/,
    );
    expect(readFileSync(join(node.receipt, 'code_changed'), 'utf8')).toContain('code.py: FAILED');
    expect(ran(node)).toEqual([]);
    expect(node.json('exit.json')).toMatchObject({ exit_code: 97 });
  });

  it('comes before the environment is activated', async () => {
    const node = makeNode();
    writeFileSync(join(node.runDir, 'code.sha256'), `${sha256('approved')}  code.py\n`);

    await node.run(bashScript('true', 'touch "$AUTOLAB_RUN_DIR/ran"\n'));

    expect(ran(node)).toEqual([]);
  });

  it('starts where the files are those of the launch, also after a commit', async () => {
    const node = await withRepository();
    git(node, 'add', '.');
    git(node, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'all');
    put(
      node,
      '.autolab/new',
      'experiments/iter1/runs/r9/new',
      'experiments/iter2/launch/new',
      'docs/slurm_job_list.md',
    );
    put(node, 'ignored.tmp');

    expect(await node.run(MARK)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.each(['new.py', 'docs/new.md', 'experiments/iter1/new.py', 'experiments/iter1/deep/runs/new.py'])(
    'stops before the entrypoint where a file was added: %s',
    async (name) => {
      const node = await withRepository();
      put(node, name);

      const ended = await node.run(MARK);

      expect(ended.status).toBe(97);
      expect(ended.stderr).toContain('nothing was started: files were added or removed');
      expect(readFileSync(join(node.receipt, 'code_changed'), 'utf8')).toBe(`${ADDED_OR_REMOVED}\nadded: ${name}\n`);
      expect(ran(node)).toEqual([]);
    },
  );

  it('stops where a file was removed', async () => {
    const node = await withRepository();
    rmSync(join(node.root, 'untracked.py'));

    expect((await node.run(MARK)).status).toBe(97);
  });

  it.each([
    ['is not there', 'exit 127'],
    ['refuses', 'echo "fatal: detected dubious ownership" >&2; exit 128'],
  ])('says so and continues if git %s', async (_, line) => {
    const node = await withRepository();
    put(node, 'new.py');
    fakeCommand(node, 'git', line);

    const ended = await node.run(MARK, fakePath(node));

    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe('autolab: git does not list the files here: additions unchecked\n');
  });

  it("asks about the project's repository, whatever the job's environment says of git", async () => {
    const node = await withRepository();

    const ended = await node.run(MARK, { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere', GIT_LITERAL_PATHSPECS: '1' });

    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('lists what the launcher lists', async () => {
    const node = await withRepository();
    const names = [
      'a.py',
      'docs/slurm_job_list.md',
      'docs/slurm_job_list.md.old',
      '.autolab/x',
      '.autolabel/x',
      'experiments/i 1/runs/r/x',
      'experiments/iter2/launch/x',
      'experiments/iter2/run/x',
      'experiments/iter2/a/runs/x',
      'sub/experiments/iter2/runs/x',
      'experiments/runs/x',
      'ünï "x"/y',
    ];
    put(node, ...names);

    const { names: code } = await leaveListing(node);

    expect(listing(node)).toEqual([...code].sort());
    expect(names.filter((name) => !code.includes(name))).toEqual([
      'docs/slurm_job_list.md',
      '.autolab/x',
      'experiments/i 1/runs/r/x',
      'experiments/iter2/launch/x',
    ]);
  });

  it('lists the repositories within, and what lies beside the project', async () => {
    const node = makeNode();
    const root = join(node.root, 'proj');
    git(node, 'init', '-q');
    writeFileSync(join(node.root, '.gitignore'), '/experiments/iter1/\n/.gitignore\n');
    put(node, 'lib/a.py', 'proj/.autolab/state.json', 'proj/b.py', 'proj/experiments/i/runs/r/x', 'inner/c.py');
    put(node, 'other/.autolab/x', 'other/experiments/i/runs/r/x', 'other/d.py', 'experiments/i/runs/r/x');
    git(node, '-C', 'inner', 'init', '-q');

    const { names } = await leaveListing(node, root, ['*.md']);

    expect([...names].sort()).toEqual(['experiments/i/runs/r/x', 'inner/c.py', 'lib/a.py', 'other/d.py', 'proj/b.py']);
    expect(listing(node, root)).toEqual([...names].sort());
    expect(compare(node, root)).toEqual([0, '']);
    put(node, 'inner/new.py', 'proj/notes.md');
    rmSync(join(node.root, 'lib/a.py'));
    git(node, 'add', '-A', 'lib');
    expect(compare(node, root)).toEqual([1, 'added: inner/new.py\nremoved: lib/a.py\n']);
  });
});

it('what a killed process of autolab was writing is no code, here and on the node', async () => {
  const node = await withRepository();
  rmSync(join(node.root, '.gitignore'));
  const { names } = await leaveListing(node);
  const suffix = '0123456789abcdef.tmp';
  put(node, `experiments/i/.design.yaml.${suffix}`, `.AGENTS.md.${suffix}`, `lib/.a.py.${suffix}`);

  expect(compare(node, node.root)).toEqual([0, '']);
  expect((await leaveListing(node)).names).toEqual(names);
  put(node, `lib/a.py.${suffix}`, 'lib/.a.py.0123.tmp');
  expect(compare(node, node.root)).toEqual([1, `added: lib/.a.py.0123.tmp\nadded: lib/a.py.${suffix}\n`]);
});

function put(node: Node, ...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(node.root, name)), { recursive: true });
    writeFileSync(join(node.root, name), name);
  }
}

function git(node: Node, ...words: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('git', ['-C', node.root, ...words]);
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

/** The script and its list, as the launcher leaves them. */
async function leaveListing(node: Node, root = node.root, ignore: readonly string[] = []) {
  const found = await findCode(root, { scope: 'repository', ignore });
  if (found.kind !== 'git') throw new Error(JSON.stringify(found));
  const { prefix, notCode, repositories, names } = found;
  const script = listCodeScript({ prefix, notCode, places: repositories.map(({ place }) => place) });
  writeFileSync(join(node.receipt, LIST_CODE_FILE), script);
  writeFileSync(join(node.receipt, 'code.listing'), runScript(node, root).stdout);
  return { names };
}

function runScript(node: Node, root: string, ...words: readonly string[]) {
  const script = join(node.receipt, LIST_CODE_FILE);
  return spawnSync('bash', ['--', script, root, ...words], { encoding: 'utf8' });
}

function listing(node: Node, root = node.root): readonly string[] {
  return runScript(node, root).stdout.split('\0').slice(0, -1);
}

function compare(node: Node, root: string): readonly [number | null, string] {
  const { status, stdout } = runScript(node, root, join(node.receipt, 'code.listing'));
  return [status, stdout];
}

/** With a tracked and an untracked file of odd names, and the listing that the launcher leaves. */
async function withRepository(): Promise<Node> {
  const node = makeNode();
  git(node, 'init', '-q');
  writeFileSync(join(node.root, '.gitignore'), '*.tmp\n');
  put(node, 'b.py', 'ünï "x" $(y)/z\n.py', 'Z.py');
  git(node, 'add', '.');
  put(node, 'untracked.py', 'A.py');
  await leaveListing(node);
  return node;
}
