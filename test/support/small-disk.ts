import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type JsonEnded, parseJson, type Running } from './autolab.ts';
import { makeProject, type ProjectOptions, runIds, startsOf, temporaryFolder, until } from './project.ts';
import { expectClosed, isStopped, kill } from './runs.ts';

/** A file system of a test's own, in memory, that can be filled, emptied and made read-only. */

function canMount(): boolean {
  const folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', 'autolab-test', folder]).status !== 0) return false;
  execFileSync('umount', ['--lazy', folder]);
  return true;
}

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const DONE = [0, 'run.completed'];
const OVER = [12, 'state.wrong_stage'];

/** Skipped where mounting is not allowed. */
export const describeOnSmallDisks = describe.skipIf(!canMount());

export interface SmallDisk {
  /** A project on it. */
  readonly root: string;
  /** Until not another byte, or not another file, has room. */
  readonly fill: (with_: 'bytes' | 'files') => void;
  readonly makeRoom: () => void;
  /** False where somebody has a file open for writing. */
  readonly setReadOnly: (readOnly: boolean) => boolean;
}

/** `act` gets a project on a disk of its own. */
export async function onSmallDisk<T>(options: ProjectOptions, act: (disk: SmallDisk) => Promise<T>): Promise<T> {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,nr_inodes=400', 'autolab-test', folder]);
  try {
    const root = join(folder, 'project');
    cpSync(makeProject(options), root, { recursive: true });
    return await act({
      root,
      fill: (with_) => {
        if (with_ === 'bytes') fillBytes(join(folder, 'filler'));
        else fillFiles(folder);
      },
      makeRoom: () => {
        for (const name of readdirSync(folder)) if (name.startsWith('filler')) rmSync(join(folder, name));
      },
      setReadOnly: (readOnly) =>
        spawnSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder], { stdio: 'ignore' }).status === 0,
    });
  } finally {
    for (const pid of processesAt(folder)) kill(pid);
    await until('nobody works there', () => processesAt(folder).length === 0);
    execFileSync('umount', ['--lazy', folder]);
  }
}

function fillBytes(path: string): void {
  const handle = openSync(path, 'w');
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(handle, page);
  } catch {
    // Full.
  } finally {
    closeSync(handle);
  }
}

function fillFiles(folder: string): void {
  try {
    for (let count = 0; ; count += 1) closeSync(openSync(join(folder, `filler.${count}`), 'w'));
  } catch {
    // Full.
  }
}

/** Of autolab and its runs: they work in the project. */
function processesAt(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return `${readlinkSync(`/proc/${name}/cwd`)}/`.startsWith(`${folder}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Waits until a process of the project stands at its AUTOLAB_STOP_AT; null where all of it `ended` without. */
async function stopped(root: string, ended: () => boolean): Promise<number | null> {
  const standing = (): number | undefined => processesAt(root).find(isStopped);
  await until('a process is stopped', () => standing() !== undefined || ended());
  return standing() ?? null;
}

/**
 * An entrypoint that is patient with the disk, so that how the run ends is autolab's doing. It needs `SIGN`, which tells
 * that it waits: see `launchedDuring`.
 */
export const PATIENT = `until echo started 2>> "$SIGN" >> "$AUTOLAB_RUN_DIR/marker"; do sleep 0.02; done
until echo '{"accuracy": 1}' 2>> "$SIGN" > "$AUTOLAB_RUN_DIR/metrics.json"; do sleep 0.02; done
`;

/** Launches; at the place something happens to the disk, until somebody had to do with it. How the launch ended. */
export async function launchedDuring(
  root: string,
  place: string,
  start: (env: Readonly<Record<string, string>>) => Running,
  trouble: { readonly begin: () => void; readonly end: () => void },
): Promise<string> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const [sign, passed] = [join(folder, 'sign'), join(folder, 'passed')];
  const driver = start({ SIGN: sign, AUTOLAB_CRASH_LOG: passed, AUTOLAB_STOP_AT: place });
  let ended = false;
  void driver.ended.finally(() => (ended = true));
  const pid = await stopped(root, () => ended);
  if (pid === null) throw new Error(`${place} was not passed: ${(await driver.ended).stderr}`);
  trouble.begin();
  process.kill(pid, 'SIGCONT');
  const refused = (): boolean => readFileSync(passed, 'utf8').includes('.refused\n');
  await until('somebody notices', () => ended || existsSync(sign) || refused());
  trouble.end();
  const { stdout, stderr, signal } = await driver.ended;
  expect(signal).toBe(null);
  expect(stdout + stderr, place).not.toMatch(/^\s+at .*:\d+:\d+|autolab has a bug/m);
  return String(parseJson({ stdout, stderr, signal, status: 0 })['code']);
}

/**
 * The next calls end what the trouble left: the run completes, with one start; or it could not be started at all, which is
 * told, and the next run completes. How it was, for the table.
 */
export async function carriedOn(
  root: string,
  first: string,
  launch: () => Promise<JsonEnded>,
  what: string,
): Promise<string> {
  const again = await launch();
  const codes = [first, String(again.json['code'])];
  if (codes.includes('local.start_failed')) {
    if (codes[1] === 'local.start_failed') codes.push(String((await launch()).json['code']));
    expect(codes.at(-1), `${what}: ${codes.join()}`).toBe('run.completed');
    expect(
      runIds(root)
        .map((runId) => startsOf(root, runId))
        .sort(),
      what,
    ).toEqual([0, 1]);
    return 'not started, reported; the next run completed';
  }
  expect(['project.read_only', 'run.not_recorded', 'run.completed'], what).toContain(first);
  const ends = first === 'run.completed' ? [OVER] : [OVER, DONE];
  expect(ends, `${what}: ${again.stdout}${again.stderr}`).toContainEqual([again.status, again.json['code']]);
  expectClosed(root, COMPLETED, what);
  return first === 'run.completed' ? 'continued' : 'stopped, completed by the next call';
}
