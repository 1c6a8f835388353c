import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { commitAll, edit, makeProject, read, runIds, temporaryFolder, until, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { FROM_SNAPSHOT, inSnapshots, rewound, snapshotProject, stopped, trees } from '../support/snapshots.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'protocol.file.allow=always'];

function git(cwd: string, ...words: readonly string[]): string {
  return execFileSync('git', [...AUTHOR, ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function output(root: string, name: string): string {
  return readFileSync(inRun(root, 'iter1', runIds(root).at(-1) ?? '', name), 'utf8').trim();
}

test('an edit after the code was recorded neither stops nor changes a run from a snapshot', async () => {
  const root = snapshotProject();
  const launch = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: 'execute.ordered' } });
  const [runId = ''] = await untilRun(root);
  await stopped(launch.child.pid);
  write(root, 'lib.txt', 'edited\n');
  write(root, 'added.py', 'added\n');
  launch.child.kill('SIGCONT');
  const ended = await launch.ended;
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stderr).not.toContain('since the launch');
  expect(output(root, 'saw')).toBe('as approved');
  const manifest = manifestOf(root, runId);
  const [tree = ''] = trees(root);
  expect(manifest['commit']).toMatchObject({ run_from: 'snapshot', snapshot: { digest: tree, link: [] } });
  expect(output(root, 'where')).toBe(realpathSync(join(root, '.autolab/snapshots', tree)));
  expect(output(root, 'root')).toBe(join(root, '.autolab/snapshots/runs', runId));
  expect((await autolab(root, ['verify'])).status).toBe(0);
});

async function untilRun(root: string): Promise<readonly string[]> {
  await until('a run is opened', () => runIds(root).length > 0);
  return runIds(root);
}

test('the tree has all that is listed: repositories within, modes, links; the project at its place; nothing else', async () => {
  const top = temporaryFolder();
  const other = temporaryFolder();
  write(other, 'inner.py', 'inner\n');
  commitAll(other);
  const entrypoint =
    'cat ../lib/code.py > "$AUTOLAB_RUN_DIR/saw"\npwd -P > "$AUTOLAB_RUN_DIR/where"\necho {} > "$AUTOLAB_RUN_DIR/metrics.json"\n';
  const root = makeProject({ root: join(top, 'sub/project'), entrypoint });
  write(
    root,
    '.autolab/launch.yaml',
    'host_mode: local\ncode: {run_from: snapshot, link: [data, ./.venv/, missing]}\n',
  );
  edit(root, '.gitignore', (text) => `${text}data\n.venv\nignored.txt\n`);
  write(top, 'sub/lib/code.py', 'beside the project\n');
  write(root, 'tool.sh', 'echo\n');
  chmodSync(join(root, 'tool.sh'), 0o755);
  write(root, 'copy of tool', 'echo\n');
  write(root, 'odd\n"name" \\ü', 'odd\n');
  write(root, 'large.bin', Buffer.alloc(3 * 1024 * 1024, 7));
  write(root, '.env', 'TOKEN=hunter2\n');
  write(root, 'ignored.txt', 'ignored\n');
  write(root, 'data/set.csv', '1\n');
  write(root, '.venv/bin/activate', '\n');
  write(root, '.venv/lib/python3.11/site-packages/_virtualenv.pth', 'import _virtualenv\n');
  write(root, '.venv/lib/python3.11/site-packages/__editable__.train-1.pth', `${root}/src\n`);
  symlinkSync('tool.sh', join(root, 'within'));
  symlinkSync('../../../elsewhere', join(root, 'out'));
  git(top, 'init', '--quiet');
  git(top, 'submodule', 'add', '--quiet', other, 'sub/module');
  git(root, 'clone', '--quiet', other, 'nested');
  commitAll(top);
  write(root, 'untracked.py', 'new\n');

  const ended = await autolabJson(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
  expect(manifestOf(root, runIds(root)[0] ?? '')['commit'].notes).toEqual(
    expect.arrayContaining([
      'linked, but not there: missing',
      'Python imports from the work tree, not from the snapshot, by .venv/lib/python3.11/site-packages/__editable__.train-1.pth (an editable install?)',
    ]),
  );
  const [tree = ''] = trees(root);
  const at = join(root, '.autolab/snapshots', tree);
  const project = join(at, 'sub/project');
  expect(output(root, 'saw')).toBe('beside the project');
  expect(output(root, 'where')).toBe(realpathSync(project));
  expect(readdirSync(project).sort()).toEqual(
    [
      '.gitignore',
      '.venv',
      'copy of tool',
      'data',
      'docs',
      'experiments',
      'large.bin',
      'missing',
      'nested',
      'odd\n"name" \\ü',
      'out',
      'tool.sh',
      'untracked.py',
      'within',
    ].sort(),
  );
  expect(readFileSync(join(at, 'sub/module/inner.py'), 'utf8')).toBe('inner\n');
  expect(readFileSync(join(project, 'nested/inner.py'), 'utf8')).toBe('inner\n');
  expect(existsSync(join(project, 'nested/.git'))).toBe(false);
  const links = Object.fromEntries(
    ['within', 'out', 'data', '.venv'].map((name) => [name, readlinkSync(join(project, name))]),
  );
  expect(links).toEqual({
    within: 'tool.sh',
    out: join(top, '../elsewhere'),
    data: join(root, 'data'),
    '.venv': join(root, '.venv'),
  });
  // Nobody can write there by mistake, and no file is one of the work tree.
  const mode = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);
  expect([mode(project), mode(join(project, 'tool.sh')), mode(join(project, 'copy of tool'))]).toEqual([
    '555',
    '555',
    '444',
  ]);
  expect(lstatSync(join(root, 'tool.sh')).nlink).toBe(1);
  const sums = inRun(root, 'iter1', runIds(root)[0] ?? '', 'code.sha256');
  execFileSync('sha256sum', ['--strict', '--quiet', '--check', sums], { cwd: project });
  // git passes over the copies, also where the project does not ask it to.
  expect(git(root, 'status', '--porcelain', '--untracked-files=all')).not.toContain('snapshots');
});

test('runs of the same code share a tree, runs of other code its files; the fingerprint does not know', async () => {
  const root = snapshotProject();
  // Ids of the same second are in no order.
  for (const id of ['r1', 'r2']) {
    expect((await autolab(root, ['launch', '--run-id', id])).status).toBe(0);
    rewound(root);
  }
  expect(trees(root)).toHaveLength(1);
  write(root, 'lib.txt', 'edited\n');
  expect((await autolab(root, ['launch', '--run-id', 'r3'])).status).toBe(0);
  rewound(root);
  expect(output(root, 'saw')).toBe('edited');
  expect(trees(root)).toHaveLength(2);
  write(root, 'lib.txt', 'as approved\n');
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  expect((await autolab(root, ['launch', '--run-id', 'r4'])).status).toBe(0);
  expect(output(root, 'where')).toBe(realpathSync(root));
  const [first, second, third, fourth] = runIds(root).map((id) => manifestOf(root, id));
  expect(second?.['commit'].snapshot).toMatchObject({ copied: 0, digest: first?.['commit'].snapshot.digest });
  expect(third?.['commit'].snapshot.copied).toBe(1);
  expect(third?.['commit'].snapshot.linked).toBe(first?.['commit'].files - 1);
  expect(fourth?.['commit']).not.toHaveProperty('run_from');
  expect([second?.['fingerprint'], fourth?.['fingerprint']]).toEqual([first?.['fingerprint'], first?.['fingerprint']]);
  expect(third?.['fingerprint']).not.toBe(first?.['fingerprint']);
});

test('{{repo_root}} leads into the snapshot; what is collected from there has the same fingerprint as without', async () => {
  const root = snapshotProject();
  edit(root, 'experiments/iter1/design.yaml', (text) =>
    text
      .replace(/command: .*/, 'command: ["bash", "{{repo_root}}/experiments/iter1/main.sh", "{{repo_root}}/data"]')
      .replace('  - metrics.json', '  - metrics.json\n  - {path: out.txt, from: "{{repo_root}}/data/out.txt"}'),
  );
  edit(root, 'experiments/iter1/main.sh', (text) => `${text}echo out > "$1/out.txt"\n`);
  write(root, 'data/kept', '');
  const fingerprints: unknown[] = [];
  for (const settings of ['run_from: snapshot, link: [data]', 'run_from: work_tree']) {
    write(root, '.autolab/launch.yaml', `host_mode: local\ncode: {${settings}}\n`);
    const ended = await autolabJson(root, ['launch']);
    expect(ended.json['code'], ended.stderr).toBe('run.completed');
    rewound(root);
    const runId = runIds(root).at(-1) ?? '';
    const at = settings.includes('snapshot') ? join(root, '.autolab/snapshots/runs', runId) : root;
    const manifest = manifestOf(root, runId);
    expect(manifest['entrypoint'].argv).toEqual(['bash', `${at}/experiments/iter1/main.sh`, `${at}/data`]);
    expect([output(root, 'root'), output(root, 'out.txt')]).toEqual([at, 'out']);
    expect(manifest['commit'].notes).toEqual([]);
    fingerprints.push(manifest['fingerprint']);
  }
  expect(fingerprints[0]).toBe(fingerprints[1]);
});

test('a tree that somebody wrote into is not used again', async () => {
  const root = snapshotProject();
  expect((await autolab(root, ['launch'])).status).toBe(0);
  const [tree = ''] = trees(root);
  const at = join(root, '.autolab/snapshots', tree);
  for (const spoil of [
    (): void => {
      chmodSync(at, 0o755);
      writeFileSync(join(at, 'sitecustomize.py'), 'added\n');
    },
    (): void => {
      chmodSync(join(at, 'lib.txt'), 0o644);
      writeFileSync(join(at, 'lib.txt'), 'as EDITED!!\n');
      chmodSync(join(at, 'lib.txt'), 0o444);
    },
  ]) {
    spoil();
    rewound(root);
    const again = await autolab(root, ['launch']);
    expect(again.status, again.stderr).toBe(0);
    expect(output(root, 'saw')).toBe('as approved');
    expect(existsSync(join(at, 'sitecustomize.py'))).toBe(false);
  }
  const kept = readdirSync(join(root, '.autolab/snapshots')).filter((name) => name.startsWith('spoilt.'));
  expect(kept).toHaveLength(2);
});

test('a file that changes between listing and copying is listed again', async () => {
  const root = snapshotProject();
  const launch = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: 'snapshot.begun' } });
  await stopped(launch.child.pid);
  write(root, 'lib.txt', 'edited meanwhile\n');
  launch.child.kill('SIGCONT');
  const ended = await launch.ended;
  expect(ended.status, ended.stderr).toBe(0);
  expect(output(root, 'saw')).toBe('edited meanwhile');
  const sums = read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/code.sha256`);
  expect(sums).toContain(execFileSync('sha256sum', ['lib.txt'], { cwd: root, encoding: 'utf8' }));
});

test('an interrupt while the snapshot is made leaves nothing of it, and the next launch makes it', async () => {
  const root = snapshotProject();
  // So many that the interrupt is seen while they are copied.
  for (let at = 0; at < 1000; at += 1) write(root, `src/${at}.py`, `${at}\n`);
  const launch = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: 'snapshot.begun' } });
  await untilRun(root);
  await stopped(launch.child.pid);
  launch.child.kill('SIGTERM');
  launch.child.kill('SIGCONT');
  const ended = await launch.ended;
  expect([ended.status, ended.stdout], ended.stderr).toEqual([130, expect.stringContaining('interrupted')]);
  expect(inSnapshots(root)).toEqual(['runs', 'store']);
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
});

test('settings: the design wins; wrong words and paths are problems with their places; no repository is an objection', async () => {
  const root = snapshotProject('host_mode: local\ncode:\n  run_from: work_tree\n  link: [data]\n');
  edit(root, 'experiments/iter1/design.yaml', (text) => `${text}code: {run_from: snapshot}\n`);
  mkdirSync(join(root, 'data'));
  expect((await autolab(root, ['launch'])).status).toBe(0);
  rewound(root);
  const commit = (): Record<string, any> =>
    manifestOf(root, runIds(root).at(-1) ?? '')['commit'] as Record<string, any>;
  expect(commit()['snapshot']).toMatchObject({ link: ['data'] });

  edit(root, 'experiments/iter1/design.yaml', (text) =>
    text.replace('{run_from: snapshot}', '{run_from: copy, links: [data]}'),
  );
  write(root, '.autolab/launch.yaml', 'host_mode: local\ncode:\n  link: [data, ../x, /y, .autolab/tmp]\n');
  const wrong = await autolabJson(root, ['launch', '--dry-run']);
  expect(wrong.status).toBe(10);
  const problems = (wrong.json['problems'] as Record<string, any>[]).map(({ file, line, column, message }) =>
    [String(file).replace(/.*\//, ''), line, column, message].join(':'),
  );
  expect(problems).toEqual([
    'design.yaml:13:18:`code.run_from` must be `work_tree` or `snapshot`; it says `copy`',
    'design.yaml:13:24:the key `links` is not known and has no effect; did you mean `link`?',
    'launch.yaml:3:16:`code.link[1]` must not leave the project with `..`; it says `../x`',
    'launch.yaml:3:22:`code.link[2]` must be relative to the project root; it says `/y`',
    "launch.yaml:3:26:`code.link[3]` must not lead into autolab's own folder; it says `.autolab/tmp`",
  ]);

  edit(root, 'experiments/iter1/design.yaml', (text) => text.replace(/code: .*\n/, ''));
  write(root, '.autolab/launch.yaml', 'host_mode: local\ncode: {run_from: snapshot, link: [docs]}\n');
  const inTheWay = await autolabJson(root, ['launch', '--dry-run']);
  expect([inTheWay.json['code'], inTheWay.json['message']]).toEqual([
    'config.invalid',
    expect.stringContaining('docs/'),
  ]);

  const without = makeProject();
  write(without, '.autolab/launch.yaml', FROM_SNAPSHOT);
  const none = await autolabJson(without, ['launch']);
  expect([none.status, none.json['code'], none.json['stage_attempt']]).toEqual([10, 'git.required', 0]);
});
