import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SMALL_FILE_BYTES } from '../platform/digest.ts';
import { sha256 } from '../platform/ids.ts';
import { digestFiles, type DigestOptions } from './digest-files.ts';
import { startWorker } from './digest-pool.ts';

let root: string;
let worker: string;
const small: string[] = [];
const large: string[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'autolab-digest-'));
  mkdirSync(join(root, 'files'));
  for (let index = 0; index < 8000; index += 1) {
    small.push(`files/${index}`);
    writeFileSync(join(root, `files/${index}`), `content ${index}`);
  }
  for (const bytes of [
    SMALL_FILE_BYTES,
    SMALL_FILE_BYTES + 1,
    2 * SMALL_FILE_BYTES,
    5 * SMALL_FILE_BYTES + 17,
    60 * SMALL_FILE_BYTES,
  ]) {
    large.push(`files/large ${bytes}`);
    writeFileSync(join(root, `files/large ${bytes}`), randomBytes(bytes));
  }
  const source = fileURLToPath(new URL('./digest-worker.ts', import.meta.url));
  await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(root, 'digest-worker.mjs'),
    logLevel: 'error',
  });
  worker = join(root, 'digest-worker.mjs');
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const absent = '/nowhere/digest-worker.js';
const broken = (): string => {
  const path = join(root, 'broken.mjs');
  writeFileSync(
    path,
    'import { parentPort } from "node:worker_threads";\nparentPort.on("message", () => { throw new Error("broken"); });\n',
  );
  return path;
};

describe('digestFiles', () => {
  it.each([
    ['in this thread', () => ({ concurrency: 1, worker })],
    ['with workers', () => ({ concurrency: 3, worker })],
    ['without the worker file', () => ({ concurrency: 3, worker: absent })],
    ['with workers that break down', () => ({ concurrency: 3, worker: broken() })],
  ] as [string, () => DigestOptions][])('agrees with sha256sum on small and large files, %s', async (_, options) => {
    const paths = [...small, ...large];

    const { digests, problems } = await digestFiles(root, paths, options());

    const expected = spawnSync('xargs', ['-d', '\n', 'sha256sum', '--'], {
      cwd: root,
      input: paths.join('\n'),
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    expect(problems).toEqual([]);
    expect([...digests].map(([path, digest]) => `${digest.sha256}  ${path}`)).toEqual(
      expected.stdout.trimEnd().split('\n'),
    );
  });

  it('really uses the worker', async () => {
    const digester = startWorker(worker);

    const facts = await digester?.digest({ root, paths: ['files/0', 'files/absent'], task: 'small' });
    await digester?.close();

    expect(facts).toEqual([
      { kind: 'file', sha256: sha256('content 0'), bytes: 9, executable: false },
      { kind: 'missing' },
    ]);
    expect(startWorker(absent)).toBeNull();
  });

  it('digests the text of a symbolic link, not what it leads to', async () => {
    symlinkSync('files/0', join(root, 'link'));

    const { digests } = await digestFiles(root, ['link']);

    expect(digests.get('link')).toEqual({ kind: 'symlink', sha256: sha256('files/0'), bytes: 7, target: 'files/0' });
  });

  it('reports what is missing or no file, in the order of the paths, and digests the rest', async () => {
    spawnSync('mkfifo', [join(root, 'pipe')]);

    const { digests, problems } = await digestFiles(root, ['pipe', 'files', 'absent', 'files/0']);

    expect([...digests.keys()]).toEqual(['files/0']);
    expect(problems.map((problem) => [problem.file, problem.code])).toEqual([
      ['absent', 'file.changed'],
      ['files', 'file.not_a_file'],
      ['pipe', 'file.not_a_file'],
    ]);
  });

  it('reports a file that grows while it is read, and does not run after its end', async () => {
    const path = join(root, 'growing');
    const before = 4 * SMALL_FILE_BYTES;
    writeFileSync(path, randomBytes(before));

    // At every turn of the event loop, so between any two reads, and each time by more than one read takes.
    const more = Buffer.alloc(8 * SMALL_FILE_BYTES);
    let turns = 8;
    const grow = (): void => {
      appendFileSync(path, more);
      turns -= 1;
      if (turns > 0) setImmediate(grow);
    };
    const digesting = digestFiles(root, ['growing'], { concurrency: 1 });
    setImmediate(grow);
    const { digests, problems } = await digesting;

    expect(digests.size).toBe(0);
    expect(problems).toMatchObject([{ file: 'growing', code: 'file.changed' }]);
    const [first = 0, then = 0] = [...(problems[0]?.message ?? '').matchAll(/\d+/g)].map(Number);
    expect(first % (4 * SMALL_FILE_BYTES)).toBe(0);
    expect(then).toBeGreaterThan(first);
    expect(then).toBeLessThanOrEqual(first + 4 * SMALL_FILE_BYTES);
  });

  it.each([
    ['sha1', 1, () => worker],
    ['sha1', 3, () => worker],
    ['sha256', 3, () => worker],
    ['sha1', 3, broken],
  ] as ['sha1' | 'sha256', number, () => string][])(
    "makes git's %s of the files that it is wanted for, with %d threads",
    async (algorithm, concurrency, path) => {
      const repository = mkdtempSync(join(root, 'repository-'));
      spawnSync('git', ['init', '--quiet', `--object-format=${algorithm}`, repository]);
      const paths = [...small, ...large];
      const wanted = paths.filter((_, index) => index % 3 !== 0);

      const { digests } = await digestFiles(root, paths, {
        blobs: { algorithm, of: new Set(wanted) },
        concurrency,
        worker: path(),
      });

      const told = spawnSync('git', ['hash-object', '--no-filters', '--stdin-paths'], {
        cwd: repository,
        input: wanted.map((path) => join(root, path)).join('\n'),
        encoding: 'utf8',
        maxBuffer: 1e8,
      });
      expect(wanted.map((path) => digests.get(path)?.blob)).toEqual(told.stdout.trimEnd().split('\n'));
      expect(paths.filter((path) => digests.get(path)?.blob === undefined)).toEqual(
        paths.filter((_, index) => index % 3 === 0),
      );
    },
  );

  it("makes git's id of the text of a symbolic link", async () => {
    symlinkSync('files/0', join(root, 'linked'));

    const { digests } = await digestFiles(root, ['linked'], { blobs: { algorithm: 'sha1', of: new Set(['linked']) } });

    const told = spawnSync('git', ['hash-object', '--stdin'], { input: 'files/0', encoding: 'utf8' });
    expect(digests.get('linked')?.blob).toBe(told.stdout.trim());
  });

  it('says whether the owner may execute a file, small or large', async () => {
    const long = 'x'.repeat(SMALL_FILE_BYTES + 1);
    for (const [name, content, mode] of [
      ['script', 'x', 0o700],
      ['of others', 'x', 0o655],
      ['program', long, 0o755],
      ['data', long, 0o644],
    ] as const) {
      writeFileSync(join(root, name), content);
      chmodSync(join(root, name), mode);
    }

    const { digests } = await digestFiles(root, ['script', 'of others', 'program', 'data']);

    expect([...digests.values()]).toMatchObject([true, false, true, false].map((executable) => ({ executable })));
  });

  it('reports progress up to the end', async () => {
    const told: [number, number][] = [];
    const paths = [...small, ...large];

    await digestFiles(root, paths, { concurrency: 3, worker, onProgress: (...at) => told.push(at) });

    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual(told.toSorted(([a], [b]) => a - b));
    expect(told.at(-1)).toEqual([paths.length, paths.length]);
  });

  it.each([1, 3])('ends at once when it is stopped, whatever is being read: %d threads', async (concurrency) => {
    // Files with holes: to read them takes a minute.
    const endless = ['endless 1', 'endless 2', 'endless 3'];
    for (const name of endless) {
      writeFileSync(join(root, name), '');
      truncateSync(join(root, name), 2 ** 36);
    }
    const stop = new AbortController();
    const digesting = digestFiles(root, [...small, ...endless], {
      concurrency,
      worker,
      signal: stop.signal,
      onProgress: (done) => {
        if (done === small.length)
          setImmediate(() => {
            stop.abort(new Error('stopped'));
          });
      },
    });

    await expect(digesting).rejects.toThrow('stopped');
    await expect(digestFiles(root, small, { signal: stop.signal })).rejects.toThrow('stopped');
  });

  it('lets other work have its turn meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);

    await digestFiles(root, small, { concurrency: 1 });
    clearInterval(timer);

    expect(turns).toBeGreaterThan(3);
  });

  it('does nothing for nothing', async () => {
    expect(await digestFiles(root, [])).toEqual({ digests: new Map(), problems: [] });
  });
});
