import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fileSystemClock, stampOfPath } from '../../src/platform/file-stamp.ts';
import { formatCache, formatDigest, parseCache, parseDigest } from '../../src/records/digest-cache-text.ts';
import { autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, fakeCommands, makeProject, read, runIds, temporaryFolder, until, write } from '../support/project.ts';
import { expectClosed, lives, manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const CACHE = '.autolab/cache/digests';
const NOT_STARTED = { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 0 };

function writeMany(root: string, folder: string, count: number, content: string): void {
  for (let index = 0; index < count; index += 1)
    write(root, `${folder}/${index % 10}/${index}.py`, `${content} ${index}\n`);
}

const commitOf = (root: string): Record<string, any> => manifestOf(root, runIds(root).at(-1) ?? '')['commit'];

test('many untracked files in one folder: a question whether git should ignore it, on the screen and in the record', async () => {
  const root = makeProject({ git: true });
  writeMany(root, '.venv/lib', 1200, 'x');
  const ended = await startAutolab(root, ['launch']).ended;
  const question = '1,200 files of the code are not tracked; all of them are in .venv: should git ignore it?';
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stderr).toContain(question);
  expect(commitOf(root)['notes']).toContain(question);
});

test('thousands of files that are too much for the patch: the first and all secrets are named, the others counted', async () => {
  const root = makeProject({ git: true });
  for (let index = 0; index < 16; index += 1) write(root, `.a/${index}`, Buffer.alloc(1024 * 1024, index));
  writeMany(root, '.venv/lib', 1200, 'x');
  write(root, 'z/secrets.yaml', 'token: x\n');
  const ended = await startAutolab(root, ['launch']).ended;
  expect(ended.status, ended.stderr).toBe(0);
  const leftOut = commitOf(root)['patch'].left_out as { path: string; reason: string; sha256: string | null }[];
  expect(leftOut.filter(({ sha256 }) => sha256 !== null)).toHaveLength(1000);
  expect(leftOut.at(-1)).toMatchObject({ path: 'z/secrets.yaml', sha256: null });
  expect(leftOut.at(-2)?.reason).toMatch(/; 200 files after it are left out, too$/);
});

test('digests of many files are kept for the next launch, but the job compares them with the files', async () => {
  const root = makeProject();
  writeMany(root, 'src', 600, 'print');
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  const newest = stampOfPath(join(root, 'src/9/599.py'), false)?.newest ?? 0n;
  await until('the files are no longer young', () => (fileSystemClock(root)?.now ?? 0n) > newest + 3_000_000_000n);
  const state = read(root, '.autolab/state.json');
  const launched = async (): Promise<Record<string, any>> => {
    write(root, '.autolab/state.json', state);
    return (await autolabJson(root, ['launch'])).json;
  };
  expect((await launched())['code']).toBe('run.completed');
  const known = parseCache(read(root, CACHE));
  expect(known.size).toBeGreaterThanOrEqual(600);
  const status = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: root });
  expect(String(status)).not.toContain('cache');
  const sums = readFileSync(join(root, 'experiments/iter1/runs', runIds(root)[0] ?? '', 'code.sha256'), 'utf8');

  expect((await launched())['code']).toBe('run.completed');
  const again = readFileSync(join(root, 'experiments/iter1/runs', runIds(root).at(-1) ?? '', 'code.sha256'), 'utf8');
  expect(again).toBe(sums);

  // Nothing would compare the files with those of a snapshot, so that the cache is not asked.
  edit(root, '.autolab/launch.yaml', (text) => `${text}code: {run_from: snapshot}\n`);
  const lieAbout = (path: string): void => {
    const key = stampOfPath(join(root, path), false)?.key ?? '';
    const lie = formatDigest({ ...parseDigest(known.get(key) ?? ''), sha256: 'f'.repeat(64) });
    writeFileSync(join(root, CACHE), formatCache(new Map([...known, [key, lie]])));
  };
  lieAbout('src/0/0.py');
  expect((await launched())['code']).toBe('run.completed');
  edit(root, '.autolab/launch.yaml', (text) => text.replace(/^code: .*\n/m, ''));

  // A cache that says what is not so: it is believed, and found out before anything starts.
  expect(await launched()).toMatchObject({ code: 'local.code_changed' });
  expect(existsSync(join(root, CACHE))).toBe(false);
  expect((await launched())['code']).toBe('run.completed');
});

test('few files: no cache', async () => {
  const root = makeProject({ git: true });
  const ended = await startAutolab(root, ['launch']).ended;
  expect(ended.status, ended.stderr).toBe(0);
  expect(existsSync(join(root, '.autolab/cache'))).toBe(false);
});

/** A git that stands still at its nth `ls-files` until the file `go` is there; its child says so by `child`. */
function stoppingGit(nth: number): { readonly env: Readonly<Record<string, string>>; readonly folder: string } {
  const folder = temporaryFolder();
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const env = fakeCommands({
    git: `case " $* " in *' ls-files '*)
  echo >> '${folder}/calls'
  if [ "$(wc -l < '${folder}/calls')" -eq ${nth} ] && [ ! -e '${folder}/go' ]; then
    (until [ -e '${folder}/go' ]; do sleep 0.05; done) &
    echo $! > '${folder}/child.part'
    mv '${folder}/child.part' '${folder}/child'
    wait
  fi ;;
esac
exec '${git}' "$@"`,
  });
  return { env, folder };
}

test('a slow git is waited for, with a line on the screen', async () => {
  const root = makeProject({ git: true });
  const { env, folder } = stoppingGit(1);
  const driver = startAutolab(root, ['launch'], { env: { ...env, AUTOLAB_TEST_SPEED: '10' } });
  await until('it is said what the launch waits for', () =>
    driver.stderrSoFar().includes('Waiting for `git ls-files` in'),
  );
  expect(driver.stderrSoFar()).toContain(root);
  writeFileSync(join(folder, 'go'), '');
  const ended = await driver.ended;
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stdout).not.toContain('Waiting');
  expect(commitOf(root)['source']).toBe('git');
});

test('Ctrl-C while git lists the files, before and after the run has begun: no git is left', async () => {
  await Promise.all(
    [1, 2].map(async (nth) => {
      const root = makeProject({ git: true });
      const { env, folder } = stoppingGit(nth);
      const driver = startAutolab(root, ['launch', '--json'], { env });
      await until('git stands still', () => existsSync(join(folder, 'child')));
      const child = Number(read(folder, 'child'));
      driver.child.kill('SIGINT');
      const ended = await driver.ended;
      expect([ended.status, parseJson(ended)['outcome']], ended.stderr).toEqual([130, 'interrupted']);
      // It was killed; how soon a killed process is gone is the machine's affair.
      await until('the child of git is gone', () => !lives(child));
      if (nth === 1) expect(runIds(root)).toEqual([]);
      else expectClosed(root, NOT_STARTED, 'Ctrl-C');
    }),
  );
});

/** A project with a file of nothing, which takes a minute to read. */
function projectWithEndlessFile(): string {
  const root = makeProject({ git: true });
  write(root, 'data/endless.bin', '');
  truncateSync(join(root, 'data/endless.bin'), 2 ** 36);
  return root;
}

test('Ctrl-C while the files are read: the screen says how far it is, and the run is over', async () => {
  const root = projectWithEndlessFile();
  const driver = startAutolab(root, ['launch', '--json', '--verbose']);
  await until('the screen says how far it is', () => /Reading the code: \d+ of \d+ files\./.test(driver.stderrSoFar()));
  driver.child.kill('SIGINT');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([130, 'run.cancelled']);
  expect(ended.stdout).not.toContain('Reading');
  expectClosed(root, NOT_STARTED, 'Ctrl-C');
});

test('Ctrl-C while the files are read to find out whether the tree is clean: nothing is written', async () => {
  const root = projectWithEndlessFile();
  edit(root, '.autolab/launch.yaml', (text) => `${text}require_clean_tree: true\n`);
  const driver = startAutolab(root, ['launch', '--json', '--verbose']);
  await until('the screen says how far it is', () => driver.stderrSoFar().includes('Reading the code:'));
  driver.child.kill('SIGINT');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([130, 'interrupted']);
  expect(runIds(root)).toEqual([]);
});

test('a driver that leaves while the files are read leaves an open run, and the next one continues it', async () => {
  const root = projectWithEndlessFile();
  const driver = startAutolab(root, ['launch', '--json', '--verbose', '--on-interrupt', 'detach']);
  await until('the screen says how far it is', () => driver.stderrSoFar().includes('Reading the code:'));
  driver.child.kill('SIGINT');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([130, 'interrupted']);
  rmSync(join(root, 'data/endless.bin'));
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
  expect(runIds(root)).toHaveLength(1);
  expect(stateOf(root)['stage']).toBe('extract_results');
});
