import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SMALL_FILE_BYTES } from '../platform/digest.ts';
import { type FileSystemClock, fileSystemClock, stampOfPath } from '../platform/file-stamp.ts';
import { sha256 } from '../platform/ids.ts';
import { DigestCache } from './digest-cache.ts';
import { type CachedDigest, formatCache, formatDigest, parseCache, parseDigest } from './digest-cache-text.ts';
import { digestFiles, type DigestOptions } from './digest-files.ts';

let root: string;
let folder: string;
let file: string;
const paths = Array.from({ length: 120 }, (_, index) => `code/${index}.py`);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autolab-cache-'));
  folder = join(root, '.autolab/cache');
  file = join(folder, 'digests');
  mkdirSync(join(root, 'code'));
  for (const path of paths) writeFileSync(join(root, path), `print(${path.length}) # ${path}`);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** An hour from now, so that no file is too young. */
function later(folder: string): FileSystemClock | null {
  const clock = fileSystemClock(folder);
  return clock === null ? null : { ...clock, now: clock.now + 3_600_000_000_000n };
}
const open = (clock = later): DigestCache => new DigestCache(folder, { fewestFiles: 1, clock });

/** Digests and saves. */
async function digest(
  names: readonly string[],
  options: DigestOptions = {},
  cache = open(),
): Promise<Map<string, unknown>> {
  const { digests } = await digestFiles(root, names, { ...options, cache });
  cache.save();
  return new Map(digests);
}

const LIE: CachedDigest = { sha256: 'f'.repeat(64), executable: false, blob: null };

function stampKey(path: string): string {
  const stamp = stampOfPath(join(root, path), false);
  if (stamp === null) throw new Error(`${path} is no file`);
  return stamp.key;
}

/** A cache that says of a file what is not so: who gets to hear it did not read the file. */
function plantLie(path: string, change: (key: string) => string = (key) => key): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, formatCache(new Map([[change(stampKey(path)), formatDigest(LIE)]])));
}

const kept = (): readonly string[] => [...parseCache(existsSync(file) ? readFileSync(file, 'utf8') : '').keys()];
const truth = (path: string): string => sha256(readFileSync(join(root, path), 'utf8'));

describe('the digest cache', () => {
  it('spares the reading of a file whose state is known', async () => {
    plantLie('code/0.py');

    const digests = await digest(['code/0.py', 'code/1.py']);

    expect(digests.get('code/0.py')).toEqual({
      kind: 'file',
      sha256: LIE.sha256,
      bytes: lstatSync(join(root, 'code/0.py')).size,
      executable: false,
    });
    expect(digests.get('code/1.py')).toMatchObject({ sha256: truth('code/1.py') });
  });

  it.each([
    ['device', 0],
    ['inode', 1],
    ['size', 2],
    ['mtime', 3],
    ['ctime', 4],
  ])('reads a file whose %s is another one', async (_, part) => {
    plantLie('code/0.py', (key) =>
      key
        .split(':')
        .with(part, String(BigInt(key.split(':')[part] ?? 0) + 1n))
        .join(':'),
    );

    expect((await digest(['code/0.py'])).get('code/0.py')).toMatchObject({ sha256: truth('code/0.py') });
  });

  it('sees an edit of the same size whose mtime was restored', async () => {
    const path = join(root, 'code/0.py');
    const { size, atime, mtime } = lstatSync(path);
    await digest(paths);
    writeFileSync(path, 'x'.repeat(size));
    utimesSync(path, atime, mtime);

    expect((await digest(paths)).get('code/0.py')).toMatchObject({ sha256: sha256('x'.repeat(size)) });
  });

  it.each([1, 3])('gives with %d threads what reading gives, before and after', async (concurrency) => {
    chmodSync(join(root, 'code/7.py'), 0o755);
    writeFileSync(join(root, 'large'), 'x'.repeat(2 * SMALL_FILE_BYTES));
    symlinkSync('code/0.py', join(root, 'link'));
    const names = [...paths, 'large', 'link', 'absent'];
    const options = { blobs: { algorithm: 'sha1', of: new Set(names.slice(60)) }, concurrency } as const;
    const { digests } = await digestFiles(root, names, options);

    expect(await digest(names, options)).toEqual(digests);
    expect(kept()).toHaveLength(paths.length + 1);
    expect(await digest(names, options)).toEqual(digests);
  });

  it("reads again if git's object id is wanted and another one, or none, is known", async () => {
    plantLie('code/0.py');
    const wanted = (algorithm: 'sha1' | 'sha256'): DigestOptions => ({ blobs: { algorithm, of: new Set(paths) } });

    expect((await digest(['code/0.py'], wanted('sha1'))).get('code/0.py')).toMatchObject({
      sha256: truth('code/0.py'),
      blob: spawnSync('git', ['hash-object', '--no-filters', join(root, 'code/0.py')], {
        encoding: 'utf8',
      }).stdout.trim(),
    });
    await digest(paths, wanted('sha1'));
    const { digests } = await digestFiles(root, paths, { ...wanted('sha256'), cache: open() });
    expect(digests.get('code/0.py')?.blob).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never keeps a file that is younger than two seconds by the clock of the file system', async () => {
    await digest(paths, {}, open(fileSystemClock));
    expect(kept()).toEqual([]);

    const last = paths.at(-1) ?? '';
    const newest = stampOfPath(join(root, last), false)?.newest ?? 0n;
    const after = (ns: bigint) => (of: string) => ({ device: fileSystemClock(of)?.device ?? 0n, now: newest + ns });
    await digest(paths, {}, open(after(2_000_000_000n)));
    expect(kept()).not.toContain(stampKey(last));
    rmSync(file, { force: true });
    await digest(paths, {}, open(after(2_000_000_001n)));
    expect(kept()).toHaveLength(paths.length);
  });

  it.each([
    [
      'mtime lies in the future',
      (path: string) => {
        utimesSync(path, 4e9, 4e9);
      },
    ],
    ['device is another one than that of the clock', () => undefined],
  ])('never keeps a file whose %s', async (what, prepare) => {
    for (const path of paths) prepare(join(root, path));
    const clock = what.startsWith('device') ? (of: string) => ({ device: 0n, now: later(of)?.now ?? 0n }) : later;

    await digest(paths, {}, open(clock));

    expect(kept()).toEqual([]);
  });

  it('never keeps a file that was changed while it was read', async () => {
    writeFileSync(join(root, 'large'), 'x'.repeat(16 * SMALL_FILE_BYTES));
    // In place, so that its size stays; at every turn of the event loop, so between any two reads.
    let reading = true;
    const write = (): void => {
      if (!reading) return;
      writeFileSync(join(root, 'large'), 'y', { flag: 'r+' });
      setImmediate(write);
    };
    setImmediate(write);

    const digests = await digest(['large', ...paths], { concurrency: 1 });
    reading = false;

    expect(digests.has('large')).toBe(true);
    expect(kept()).toHaveLength(paths.length);
    expect(kept()).not.toContain(stampKey('large'));
  });

  it('forgets what is not there any more, and does not write for little news', async () => {
    await digest(paths);
    expect(kept()).toHaveLength(paths.length);
    const { mtimeNs } = lstatSync(file, { bigint: true });

    for (const path of paths.slice(0, 50)) writeFileSync(join(root, path), 'new');
    await digest(paths);
    expect(lstatSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);

    for (const path of paths.slice(0, 110)) writeFileSync(join(root, path), 'new');
    await digest(paths.slice(0, 115));
    expect(kept()).toHaveLength(115);
  });

  it('says nothing about secrets', async () => {
    const isSecret = (path: string): boolean => path === 'code/0.py';

    await digest(paths, {}, new DigestCache(folder, { fewestFiles: 1, clock: later, isSecret }));

    expect(kept()).toHaveLength(paths.length - 1);
    expect(kept()).not.toContain(stampKey('code/0.py'));
  });

  it('is neither read nor written for few files', async () => {
    plantLie('code/0.py');
    const planted = readFileSync(file, 'utf8');

    const digests = await digest(paths, {}, new DigestCache(folder, { clock: later }));

    expect(digests.get('code/0.py')).toMatchObject({ sha256: truth('code/0.py') });
    expect(readFileSync(file, 'utf8')).toBe(planted);
  });

  it('has a .gitignore of its own', async () => {
    spawnSync('git', ['init', '--quiet', root]);
    await digest(paths);

    const status = spawnSync('git', ['status', '--porcelain', '--untracked-files=all', '.autolab'], { cwd: root });

    expect(kept()).not.toEqual([]);
    expect(String(status.stdout)).toBe('');
  });
});

describe('a damaged digest cache', () => {
  const entries = new Map([
    ['1:2:3:4:5', formatDigest({ ...LIE, blob: 'a'.repeat(40) })],
    ['1:3:3:4:5', formatDigest({ ...LIE, executable: true })],
  ]);
  const text = formatCache(entries);

  it('is read as it was written', () => {
    expect(parseCache(text)).toEqual(entries);
    expect([...entries.values()].map((value) => parseDigest(value))).toEqual([
      { ...LIE, blob: 'a'.repeat(40) },
      { ...LIE, executable: true },
    ]);
  });

  it('is empty, whatever bit is flipped and wherever it is cut', () => {
    const bytes = Buffer.from(text);
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << bit), index);
        expect(parseCache(flipped.toString('utf8')).size).toBe(0);
      }
      expect(parseCache(text.slice(0, index)).size).toBe(0);
    }
    expect(parseCache(`${text}\n`).size).toBe(0);
  });

  it.each([
    [
      'cut',
      () => {
        writeFileSync(file, text.slice(0, -7));
      },
    ],
    [
      'of another version',
      () => {
        writeFileSync(file, text.replace(' 1 ', ' 2 '));
      },
    ],
    [
      'of another program',
      () => {
        writeFileSync(file, Buffer.from([0, 255, 10, 13, 32, 10]));
      },
    ],
    [
      'a folder',
      () => {
        mkdirSync(file);
      },
    ],
    [
      'a link to itself',
      () => {
        symlinkSync('digests', file);
      },
    ],
    [
      'a named pipe',
      () => {
        spawnSync('mkfifo', [file]);
      },
    ],
    [
      'in a folder that is a file',
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
    ],
    [
      'in a folder that leads nowhere',
      () => {
        rmSync(folder, { recursive: true });
        symlinkSync('/proc/nowhere', folder);
      },
    ],
  ])('costs nothing but time if it is %s', async (_, damage) => {
    mkdirSync(folder, { recursive: true });
    damage();

    const digests = await digest(paths);

    expect(digests).toEqual((await digestFiles(root, paths)).digests);
  });

  it('is repaired by the next launch', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text.slice(0, -7));

    await digest(paths);

    expect(kept()).toHaveLength(paths.length);
  });

  it('is not what two make that write at once', async () => {
    const program = join(root, 'program.mjs');
    const source = dirname(fileURLToPath(import.meta.url));
    await build({
      stdin: {
        contents: `
          import { DigestCache } from './digest-cache.ts';
          import { digestFiles } from './digest-files.ts';
          const [root, folder, ...paths] = process.argv.slice(2);
          const clock = () => ({ device: ${lstatSync(root, { bigint: true }).dev}n, now: 1n << 62n });
          for (let round = 0; round < 30; round += 1) {
            const cache = new DigestCache(folder, { fewestFiles: 1, clock });
            cache.start();
            // Nothing is known, so that each round writes.
            Object.defineProperty(cache, 'knowsAny', { value: false });
            await digestFiles(root, paths, { cache });
            cache.save();
          }
        `,
        resolveDir: source,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
      logLevel: 'error',
    });

    let running = 3;
    const statuses: unknown[] = [];
    for (let index = 0; index < 3; index += 1)
      spawn(process.execPath, [program, root, folder, ...paths], { stdio: 'inherit' }).on('exit', (status) => {
        statuses.push(status);
        running -= 1;
      });
    let seen = 0;
    while (running > 0) {
      const whole = existsSync(file) ? kept().length : null;
      if (whole !== null) {
        expect(whole).toBe(paths.length);
        seen += 1;
      }
      await new Promise(setImmediate);
    }

    expect(statuses).toEqual([0, 0, 0]);
    expect(seen).toBeGreaterThan(0);
    expect(await digest(paths)).toEqual((await digestFiles(root, paths)).digests);
  });
});
