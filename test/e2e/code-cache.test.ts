import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { autolab, type Ended, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, temporaryFolder } from '../support/project.ts';
import { describeOnSmallDisks } from '../support/small-disk.ts';

/** What V8 made of the program at an earlier start: whatever becomes of it, a call does the same. */

interface World {
  readonly root: string;
  readonly cache: string;
  readonly status: (env?: Readonly<Record<string, string | undefined>>) => Promise<Ended>;
  /** Of the code of `status`; null if there is none. */
  readonly path: () => string | null;
  /** Whether the last call was content with what it found. */
  readonly stamp: () => number | null;
}

function makeWorld(home = temporaryFolder()): World {
  const root = makeProject();
  const cache = join(home, 'autolab');
  const path = (): string | null => {
    const [name] = existsSync(cache) ? readdirSync(cache).filter((file) => /^status-.*\.code$/.test(file)) : [];
    return name === undefined ? null : join(cache, name);
  };
  return {
    root,
    cache,
    status: (env = {}) => autolab(root, ['status'], { env: { XDG_CACHE_HOME: home, ...env } }),
    path,
    stamp: () => {
      const file = path();
      return file === null ? null : statSync(file).ino;
    },
  };
}

const SAID = 'ok: No run is active; the workflow is at launch. [run.none_active]\n  next: Start one: autolab launch\n';
const AS_EVER = { status: 0, signal: null, stdout: SAID, stderr: '' };

it('is kept after the first call, closed to others and to git, used by the next, and can be turned off', async () => {
  const world = makeWorld();
  expect(await world.status({ AUTOLAB_NO_CODE_CACHE: '1' })).toEqual(AS_EVER);
  expect(existsSync(world.cache)).toBe(false);
  expect(await world.status()).toEqual(AS_EVER);
  const stamp = world.stamp();
  expect(stamp).not.toBeNull();
  expect(statSync(world.cache).mode & 0o777).toBe(0o700);
  expect(statSync(world.path() ?? '').mode & 0o777).toBe(0o600);
  expect(readFileSync(join(world.cache, '.gitignore'), 'utf8')).toBe('*\n');
  expect(await world.status()).toEqual(AS_EVER);
  expect(world.stamp()).toBe(stamp);
  // A slip of the fingers is no command whose code is worth keeping.
  expect(await autolab(world.root, ['statu'], { env: { XDG_CACHE_HOME: join(world.cache, '..') } })).toMatchObject({
    status: 2,
  });
  expect(readdirSync(world.cache)).toHaveLength(2);
});

it('damaged anywhere, cut short or of another Node, it is made anew', async () => {
  const world = makeWorld();
  await world.status();
  const path = world.path() ?? '';
  const good = readFileSync(path);
  // The digest, the head, what V8 looks at first, and code.
  for (const at of [3, 34, 60, 500, good.length >> 1, good.length - 1]) {
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(at) ^ 4, at);
    writeFileSync(path, bad);
    const before = world.stamp();
    expect(await world.status(), `byte ${at}`).toEqual(AS_EVER);
    expect(world.stamp(), `byte ${at}`).not.toBe(before);
    expect(readFileSync(path).length).toBeGreaterThan(good.length / 2);
  }
  for (const length of [0, 20, 1000]) {
    writeFileSync(path, good.subarray(0, length));
    expect(await world.status(), `${length} bytes`).toEqual(AS_EVER);
    expect(readFileSync(path).length).toBeGreaterThan(good.length / 2);
  }
  // Other flags of Node make other code, which has a file of its own.
  expect(await world.status({ NODE_OPTIONS: '--stack-trace-limit=20' })).toEqual(AS_EVER);
  expect(readdirSync(world.cache).filter((name) => name.endsWith('.code'))).toHaveLength(2);
});

it('code of an installation is not used for files that were changed in place', async () => {
  const folder = installation(temporaryFolder());
  const root = makeProject();
  const home = temporaryFolder();
  const status = (): Promise<Ended> =>
    startProgram([process.execPath, join(folder, 'bin/autolab.js'), 'status'], root, { env: { XDG_CACHE_HOME: home } })
      .ended;
  expect(await status()).toEqual(AS_EVER);
  expect(await status()).toEqual(AS_EVER);
  // As many bytes: V8 sees no difference.
  // One of an earlier build may be there, too.
  for (const name of readdirSync(join(folder, 'dist')).filter((file) => file.startsWith('program-'))) {
    const pack = join(folder, 'dist', name);
    writeFileSync(pack, readFileSync(pack, 'utf8').replaceAll('No run is active', 'No run is ACTIVE'));
  }
  expect(await status()).toEqual({ ...AS_EVER, stdout: SAID.replace('active', 'ACTIVE') });
  expect(await status()).toEqual({ ...AS_EVER, stdout: SAID.replace('active', 'ACTIVE') });
});

it('a folder or a file that others could change, or that is a link, is not used', async () => {
  const world = makeWorld();
  await world.status();
  const path = world.path() ?? '';
  const stamp = world.stamp();
  const content = readFileSync(path);
  const untouched = async (why: string): Promise<void> => {
    expect(await world.status(), why).toEqual(AS_EVER);
    expect(world.stamp(), why).toBe(stamp);
  };
  chmodSync(world.cache, 0o777);
  writeFileSync(path, 'not code');
  await untouched('open to all');
  chmodSync(world.cache, 0o700);
  renameSync(world.cache, `${world.cache}-there`);
  symlinkSync(`${world.cache}-there`, world.cache);
  await untouched('a link');
  renameSync(world.cache, `${world.cache}-link`);
  renameSync(`${world.cache}-there`, world.cache);
  if (process.getuid?.() === 0) {
    chownSync(world.cache, 12_345, 12_345);
    await untouched("another user's");
    chownSync(world.cache, 0, 0);
  }
  writeFileSync(path, content);
  chmodSync(path, 0o666);
  expect(await world.status()).toEqual(AS_EVER);
  expect(world.stamp(), 'a file open to all is replaced').not.toBe(stamp);
});

it('without a home, with one that is not there, or one that is no folder, nothing is kept', async () => {
  const world = makeWorld();
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const homes = [
    { XDG_CACHE_HOME: undefined, HOME: '/nowhere/at/all' },
    { XDG_CACHE_HOME: undefined, HOME: '' },
    { XDG_CACHE_HOME: file },
    { XDG_CACHE_HOME: join(file, 'x'), HOME: file },
    { XDG_CACHE_HOME: '/proc' },
  ];
  for (const env of homes) expect(await world.status(env), JSON.stringify(env)).toEqual(AS_EVER);
  // A path that is not absolute does not count.
  const home = temporaryFolder();
  expect(await world.status({ XDG_CACHE_HOME: 'cache', HOME: home })).toEqual(AS_EVER);
  expect(existsSync(join(world.root, 'cache'))).toBe(false);
  expect(readdirSync(join(home, '.cache/autolab')).some((name) => name.startsWith('status-'))).toBe(true);
});

it('root keeps nothing in the home of another user', async () => {
  if (process.getuid?.() !== 0) return;
  const world = makeWorld();
  const home = temporaryFolder();
  chownSync(home, 12_345, 12_345);
  expect(await world.status({ XDG_CACHE_HOME: undefined, HOME: home })).toEqual(AS_EVER);
  expect(readdirSync(home)).toEqual([]);
});

it('several calls at once leave one good file; what one that was killed left goes, and so do old ones', async () => {
  const world = makeWorld();
  const all = await Promise.all([1, 2, 3, 4].map(() => world.status()));
  expect(all).toEqual([AS_EVER, AS_EVER, AS_EVER, AS_EVER]);
  const names = readdirSync(world.cache);
  expect(names.filter((name) => name !== '.gitignore')).toHaveLength(1);
  const stamp = world.stamp();
  expect(await world.status()).toEqual(AS_EVER);
  expect(world.stamp()).toBe(stamp);

  const left = ['status.0123456789ab.tmp', 'runs-0123456789abcdef.code', 'launch.fedcba987654.tmp'];
  for (const name of left) writeFileSync(join(world.cache, name), 'half');
  const [, , young = ''] = left;
  const longAgo = Date.now() / 1000 - 40 * 24 * 3600;
  for (const name of left.filter((other) => other !== young)) utimesSync(join(world.cache, name), longAgo, longAgo);
  writeFileSync(world.path() ?? '', 'damaged');
  expect(await world.status()).toEqual(AS_EVER);
  expect(readdirSync(world.cache).toSorted()).toEqual([...names, young].toSorted());
});

it('the first two calls, which make its folder at the same moment, each leave theirs', async () => {
  const root = makeProject();
  const home = join(temporaryFolder(), 'cache');
  // Both have seen that there is none before one of them makes it.
  const slowly = ['strace', '--quiet=all', '-o', '/dev/null', '-e', 'inject=mkdir:delay_enter=500000'];
  const env = { XDG_CACHE_HOME: home };
  const calls = ['status', 'next'].map((verb) =>
    startProgram([...slowly, process.execPath, PROGRAM, verb], root, { env }),
  );
  for (const { ended } of calls) expect(await ended).toMatchObject({ status: 0, stderr: '' });
  const names = readdirSync(join(home, 'autolab')).map((name) => name.replace(/-.*/, ''));
  expect(names.toSorted()).toEqual(['.gitignore', 'next', 'status']);
});

it('the code of a launch that failed gives way to that of one that ran, and the supervisor has its own', async () => {
  const home = temporaryFolder();
  const root = makeProject();
  const env = { XDG_CACHE_HOME: home };
  const refused = await autolab(root, ['launch', '--approved', '0'.repeat(64)], { env });
  expect(refused.status).not.toBe(0);
  const kept = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      readdirSync(join(home, 'autolab'))
        .filter((name) => name.endsWith('.code'))
        .map((name) => [name.replace(/-.*/, ''), statSync(join(home, 'autolab', name)).size]),
    );
  const failed = kept();
  expect(await autolab(root, ['launch', '--quiet'], { env })).toMatchObject({ status: 0 });
  expect(Object.keys(kept()).toSorted()).toEqual(['launch', 'supervisor']);
  expect(kept()['launch']).toBeGreaterThan(failed['launch'] ?? Infinity);
});

it('a command that takes longer than a minute, which bounds its memory, leaves code that the next call takes', async () => {
  const [root, home] = [makeProject(), temporaryFolder()];
  const stamps = async (seconds: number, speed: string): Promise<readonly number[]> => {
    const line = `sleep ${seconds} | "$@" mcp --quiet`;
    const env = { XDG_CACHE_HOME: home, AUTOLAB_TEST_SPEED: speed };
    const { ended } = startProgram(['bash', '-c', line, 'bash', process.execPath, PROGRAM], root, { env });
    expect(await ended).toMatchObject({ status: 0 });
    const folder = join(home, 'autolab');
    return readdirSync(folder).map((name) => statSync(join(folder, name)).ino);
  };
  const kept = await stamps(2, '1000');
  expect(kept).toHaveLength(2);
  expect(await stamps(0, '1')).toEqual(kept);
});

/** The package as it is installed, in a folder. */
function installation(folder: string): string {
  for (const name of ['bin', 'dist', 'package.json', 'schemas', 'templates'])
    cpSync(name, join(folder, name), { recursive: true });
  return folder;
}

describeOnSmallDisks('installed on a disk that is read only', () => {
  it('a launch runs, and leaves its code in the home', async () => {
    const disk = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'autolab-test', disk]);
    try {
      const program = join(installation(disk), 'bin/autolab.js');
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const home = temporaryFolder();
      const words = [process.execPath, program, 'launch', '--quiet'];
      const { ended } = startProgram(words, makeProject(), { env: { XDG_CACHE_HOME: home } });
      expect(await ended).toMatchObject({ status: 0 });
      expect(readdirSync(join(home, 'autolab')).filter((name) => name.endsWith('.code'))).toHaveLength(2);
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});

describeOnSmallDisks('on a disk without room', () => {
  it.each(['size=64k', 'nr_inodes=2', 'ro'])(
    '%s: a call does the same, and leaves no half of a file',
    async (option) => {
      const home = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=8m,${option}`, 'autolab-test', home]);
      try {
        const world = makeWorld(home);
        expect(await world.status()).toEqual(AS_EVER);
        if (option === 'size=64k') expect(readdirSync(world.cache)).toEqual(['.gitignore']);
        expect(world.path()).toBeNull();
        expect(await world.status()).toEqual(AS_EVER);
      } finally {
        execFileSync('umount', ['--lazy', home]);
      }
    },
  );
});

it('is not read for coverage, which needs code that V8 makes anew', async () => {
  const world = makeWorld();
  mkdirSync(world.cache, { mode: 0o700 });
  const folder = temporaryFolder();
  expect(await world.status({ NODE_V8_COVERAGE: folder })).toEqual(AS_EVER);
  expect(readdirSync(world.cache)).toEqual([]);
});
