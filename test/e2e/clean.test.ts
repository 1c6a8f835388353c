import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { killedAt } from '../support/crashes.ts';
import { edit, makeProject, runIds, temporaryFolder, treeDigest, until, write } from '../support/project.ts';
import { begun, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { FROM_SNAPSHOT, inSnapshots, rewound, snapshotProject, stopped, trees } from '../support/snapshots.ts';

vi.setConfig({ testTimeout: SLOW_MS });

type Leftover = Readonly<Record<string, unknown>>;

test('what runs that are over have left is listed with its size, and removed; files that a kept run lists stay', async () => {
  const root = snapshotProject(`${FROM_SNAPSHOT}keep_temporary: true\n`);
  for (const text of ['one\n', 'two\n']) {
    write(root, 'lib.txt', text);
    expect((await autolab(root, ['launch'])).status).toBe(0);
    rewound(root);
  }
  write(root, '.autolab/tmp/20261101T000000Z_aaaaaa/checkpoint', Buffer.alloc(1024 * 1024));
  const scratch = (): readonly string[] =>
    readdirSync(tmpdir()).filter((name) => runIds(root).some((id) => name.includes(id)));
  expect(scratch()).toHaveLength(2);
  const records = (): string =>
    execFileSync('bash', ['-c', 'find experiments -type f | sort | xargs sha256sum'], { cwd: root, encoding: 'utf8' });
  const before = [treeDigest(root), records()];

  const listed = await autolabJson(root, ['clean', '--dry-run']);
  expect([listed.status, treeDigest(root), listed.json['dry_run']]).toEqual([0, before[0], true]);
  const leftovers = listed.json['leftovers'] as Leftover[];
  expect(leftovers.map(({ what, needed_by, removed }) => [what, needed_by, removed])).toEqual([
    ['snapshot', null, false],
    ['snapshot', null, false],
    ['store', null, false],
    ['scratch', null, false],
    ['scratch', null, false],
    ['scratch', null, false],
  ]);
  const [first, second, store] = leftovers;
  // All but one file is shared by the two trees.
  expect(Number(store?.['bytes'])).toBeLessThan(Number(first?.['bytes']) + Number(second?.['bytes']));
  expect(listed.json['freed_bytes']).toBe(Number(store?.['bytes']) + 1024 * 1024);

  const cleaned = await autolab(root, ['clean']);
  expect(cleaned.status, cleaned.stderr).toBe(0);
  expect(cleaned.stdout).toMatch(/snapshot .*removed.*\.autolab\/snapshots\/[0-9a-f]{64}\n/);
  expect(cleaned.stdout).toContain('6 item(s) were removed (1.0 MiB), 0 kept.');
  expect([inSnapshots(root, 'store'), inSnapshots(root, 'runs'), trees(root), scratch()]).toEqual([[], [], [], []]);
  expect(readdirSync(join(root, '.autolab/tmp'))).toEqual([]);
  expect(records()).toBe(before[1]);
  expect((await autolabJson(root, ['clean'])).json['leftovers']).toEqual([]);
});

test('what a running run needs stays; while a driver is at work nothing is removed', async () => {
  const root = snapshotProject();
  expect((await autolab(root, ['launch'])).status).toBe(0);
  rewound(root);
  write(root, 'experiments/iter1/main.sh', `${WAITING}cat lib.txt > "$AUTOLAB_RUN_DIR/saw"\n`);
  expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
  const runId = await begun(root);
  const following = startAutolab(root, ['resume']);
  await until('a driver follows the run', () => following.stderrSoFar().includes('execute'));
  const refused = await autolabJson(root, ['clean']);
  expect([refused.status, refused.json['code']]).toEqual([13, 'lease.held']);
  expect(trees(root)).toHaveLength(2);
  following.child.kill('SIGTERM');
  await following.ended;

  const cleaned = await autolabJson(root, ['clean']);
  const needed = (manifestOf(root, runId)['commit'] as Record<string, any>)['snapshot'].digest as string;
  expect(cleaned.status).toBe(0);
  expect((cleaned.json['leftovers'] as Leftover[]).map(({ what, needed_by }) => [what, needed_by])).toEqual(
    expect.arrayContaining([
      ['snapshot', runId],
      ['snapshot', null],
      ['store', null],
    ]),
  );
  expect([trees(root), inSnapshots(root, 'runs')]).toEqual([[needed], [runId]]);
  letEnd(root, runId);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
  expect(readFileSync(inRun(root, 'iter1', runId, 'saw'), 'utf8')).toBe('as approved\n');
});

test('a snapshot that is being made stays; what its killed driver left goes, and the launch continues', async () => {
  const root = snapshotProject();
  const launch = startAutolab(root, ['launch'], { env: { AUTOLAB_STOP_AT: 'snapshot.filled' } });
  await until('a tree is begun', () => existsSync(join(root, '.autolab/snapshots')));
  await stopped(launch.child.pid);
  for (const words of [['clean'], ['clean', '--dry-run']])
    expect((await autolabJson(root, words)).json['code'], words.join(' ')).toBe('lease.held');
  launch.child.kill('SIGCONT');
  expect((await launch.ended).status).toBe(0);

  const other = snapshotProject();
  await killedAt(other, 'snapshot.filled', ['launch']);
  const cleaned = await autolabJson(other, ['clean']);
  expect((cleaned.json['leftovers'] as Leftover[]).map(({ what, removed }) => [what, removed])).toEqual([
    ['unfinished', true],
  ]);
  expect(inSnapshots(other)).toEqual(['runs', 'store']);
  expect((await autolabJson(other, ['launch'])).json['code']).toBe('run.completed');
});

test('a project without any of it has nothing to clean, and a link that leads out is not followed', async () => {
  const root = makeProject();
  const before = treeDigest(root);
  expect((await autolab(root, ['clean', '--dry-run'])).stdout).toContain('0 item(s) would be removed');
  expect(treeDigest(root)).toBe(before);
  const elsewhere = temporaryFolder();
  write(elsewhere, '20261101T000000Z_aaaaaa/mine', 'mine\n');
  symlinkSync(elsewhere, join(root, '.autolab/tmp'));
  const refused = await autolabJson(root, ['clean']);
  expect([refused.status, refused.json['code']]).toEqual([12, 'path.escapes']);
  expect(existsSync(join(elsewhere, '20261101T000000Z_aaaaaa/mine'))).toBe(true);
});

test('what a killed process was writing is removed, once nobody can be writing it', async () => {
  const root = makeProject({ git: true });
  edit(root, '.autolab/backlog.yaml', (text) => text.replace(/(id: e1[^]*?status: )open/, '$1done'));
  await killedAt(root, 'write.backlog.yaml.temporary', ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'x']);
  const left = readdirSync(join(root, '.autolab')).filter((name) => name.endsWith('.tmp'));
  expect(left).toHaveLength(1);
  const old = [`.autolab/${left[0] ?? ''}`, 'experiments/iter1/.design.yaml.0123456789abcdef.tmp'];
  const mine = 'experiments/iter1/.design.yaml.tmp';
  const young = 'docs/.results.md.0123456789abcdef.tmp';
  for (const path of [old[1] ?? '', mine, young]) write(root, path, 'x\n');
  for (const path of [...old, mine]) utimesSync(join(root, path), 1_700_000_000, 1_700_000_000);

  const listed = await autolabJson(root, ['clean', '--dry-run']);

  const found = (listed.json['leftovers'] as Leftover[]).map(({ what, path }) => [what, path]);
  expect(found).toEqual(old.map((path) => ['temporary', path]));
  expect((await autolab(root, ['clean'])).status).toBe(0);
  expect([...old, mine, young].filter((path) => existsSync(join(root, path)))).toEqual([mine, young]);
});

test('what a killed process was writing makes no approval stale, neither there nor removed', async () => {
  const root = makeProject({ git: true });
  const left = 'experiments/iter1/.design.yaml.0123456789abcdef.tmp';
  write(root, left, 'x\n');
  edit(root, '.autolab/state.json', (text) => text.replace('"launch"', '"implementation_review"'));
  const approved = await autolabJson(root, ['approve', '--by', 'ada', '--yes']);
  expect(approved.status, approved.stdout).toBe(0);
  rmSync(join(root, left));

  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
});
