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
import { sha256 } from '../platform/ids.ts';
import { isCodePath } from '../records/code/scope.ts';
import { CODE_LISTING_ARGV, codeListingDigest } from './code-listing.ts';
import { ADDED_OR_REMOVED } from './slurm-prologue.ts';

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
    const node = withRepository();
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
      const node = withRepository();
      put(node, name);

      const ended = await node.run(MARK);

      expect(ended.status).toBe(97);
      expect(ended.stderr).toContain('nothing was started: files were added or removed');
      expect(readFileSync(join(node.receipt, 'code_changed'), 'utf8')).toBe(`${ADDED_OR_REMOVED}\n`);
      expect(ran(node)).toEqual([]);
    },
  );

  it('stops where a file was removed', async () => {
    const node = withRepository();
    rmSync(join(node.root, 'untracked.py'));

    expect((await node.run(MARK)).status).toBe(97);
  });

  it.each([
    ['is not there', 'exit 127'],
    ['refuses', 'echo "fatal: detected dubious ownership" >&2; exit 128'],
  ])('says so and goes on where git %s', async (_, line) => {
    const node = withRepository();
    put(node, 'new.py');
    fakeCommand(node, 'git', line);

    const ended = await node.run(MARK, fakePath(node));

    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe('autolab: git does not list the files here: additions unchecked\n');
  });

  it("asks about the project's repository, whatever the job's environment says of git", async () => {
    const node = withRepository();

    const ended = await node.run(MARK, { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere', GIT_LITERAL_PATHSPECS: '1' });

    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('asks git for the files that are code', () => {
    const node = withRepository();
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

    const listed = new Set(listing(node).toString('utf8').split('\0'));

    for (const name of names) expect([name, listed.has(name)]).toEqual([name, isCodePath(name)]);
  });
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

function listing(node: Node): Buffer {
  return git(node, ...CODE_LISTING_ARGV);
}

/** With a tracked and an untracked file with odd names, and the listing that autolab leaves. */
function withRepository(): Node {
  const node = makeNode();
  git(node, 'init', '-q');
  writeFileSync(join(node.root, '.gitignore'), '*.tmp\n');
  put(node, 'b.py', 'ünï "x" $(y)/z\n.py', 'Z.py');
  git(node, 'add', '.');
  put(node, 'untracked.py', 'A.py');
  writeFileSync(join(node.receipt, 'code.listing'), `${codeListingDigest(listing(node))}\n`);
  return node;
}
