import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { exists, freeBytes, freeInodes, lstatOrNull, makeFolder, removeFolder } from '../../platform/files.ts';
import { removeIfEmpty } from '../../platform/folders.ts';
import { renameOver } from '../../platform/private-folder.ts';
import { listTree } from '../../records/listing.ts';
import type { RunPaths } from '../../records/paths.ts';
import { taskFolder } from '../../records/tasks/task-files.ts';
import { taskOutputOf } from '../../records/tasks/task-outputs.ts';
import type { FarSite } from '../../run/site.ts';
import { type FarEntry, listFoldersArgv, parseList } from '../../transports/far-list.ts';
import { PARTIAL_FOLDER } from '../../transports/rsync-command.ts';
import { transfer } from '../../transports/transfer.ts';
import type { BroughtTasks } from '../run-folder.ts';
import { lacksRoom } from './room.ts';
import { troubleOf } from './travel.ts';

/**
 * Brings the outputs of tasks that have ended while others run. They are fetched into a folder beside, and a task's folder
 * appears in its place at once, whole, and only if nothing of it changed meanwhile. The end brings and compares everything
 * once more; nothing depends on what was brought before.
 */

/** Of one transfer. The first task counts however large it is. */
const MOST_TASKS = 100;
const MOST_BYTES = 256 * 1024 * 1024;
const LIST_MS = 120_000;
const LIST_BYTES = 64 * 1024 * 1024;

/** Where the outputs of tasks arrive. A transfer that was cut off goes on from there; it is no output. */
function stagingOf({ folder }: Pick<RunPaths, 'folder'>): string {
  return join(folder, PARTIAL_FOLDER, 'tasks');
}

/** What has not arrived whole is no output. rsync keeps parts of other files beside it. */
export function clearStaging(here: Pick<RunPaths, 'folder'>): void {
  removeFolder(stagingOf(here));
  removeIfEmpty(join(here.folder, PARTIAL_FOLDER));
}

/** Nothing else makes the folder here. */
export function isBrought({ folder }: Pick<RunPaths, 'folder'>, task: number): boolean {
  return exists(join(folder, taskFolder(task)));
}

type Group = readonly FarEntry[];

export async function bringTasks(
  far: FarSite,
  here: RunPaths,
  tasks: readonly number[],
  signal: AbortSignal,
): Promise<BroughtTasks> {
  const wanted = tasks.slice(0, MOST_TASKS);
  const before = await list(far, wanted, signal);
  if ('words' in before) return failed(before);
  const groups = firstOf(before);
  const later = wanted.filter((task) => !before.has(task));
  if (groups.size === 0) return { brought: [], later, failure: null };
  const files = [...groups.values()].flat();
  const room = lacksRoom(files, () => null, { bytes: freeBytes(here.folder), inodes: freeInodes(here.folder) });
  if (room !== null) return failed({ words: room, lost: false });
  const stage = stagingOf(here);
  makeFolder(stage);
  // The paths begin with `tasks/`.
  const moved = await transfer(far.ssh, {
    direction: 'pull',
    here: join(stage, '..'),
    there: far.paths.folder,
    files,
    signal,
  });
  if (moved.failure !== null) return failed({ words: moved.failure.words, lost: moved.failure.lost !== null });
  crashPoint('bring.staged');
  const after = await list(far, [...groups.keys()], signal);
  if ('words' in after) return failed(after);
  const brought: number[] = [];
  for (const [task, entries] of groups) {
    if (isSame(entries, after.get(task)) && (await isWhole(stage, task, entries)) && place(here, task))
      brought.push(task);
    else later.push(task);
  }
  return { brought, later, failure: null };
}

function failed(failure: { readonly words: string; readonly lost: boolean }): BroughtTasks {
  return { brought: [], later: [], failure };
}

/** As many as one transfer takes. */
function firstOf(all: ReadonlyMap<number, Group>): ReadonlyMap<number, Group> {
  const some = new Map<number, Group>();
  let bytes = 0;
  for (const [task, entries] of all) {
    bytes += entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (some.size > 0 && bytes > MOST_BYTES) break;
    some.set(task, entries);
  }
  return some;
}

/** By task; without those of which there is nothing, or not all of which can be brought. */
async function list(
  { ssh, paths }: FarSite,
  tasks: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Group> | { readonly words: string; readonly lost: boolean }> {
  const argv = listFoldersArgv(paths.folder, tasks.map(taskFolder));
  const result = await ssh.runRaw(argv, { timeoutMs: LIST_MS, maxBytes: LIST_BYTES, signal });
  const listing = result.lost === null && !result.truncated ? parseList(result.stdout, result.stderr) : null;
  if (listing === null) return { words: troubleOf(result).words, lost: result.lost !== null || result.timedOut };
  const groups = new Map<number, FarEntry[]>();
  for (const entry of listing.entries) {
    const task = taskOutputOf(entry.path)?.index;
    if (task === undefined || entry.path.split('/').includes(PARTIAL_FOLDER)) continue;
    const group = groups.get(task);
    if (group === undefined) groups.set(task, [entry]);
    else group.push(entry);
  }
  for (const [task, entries] of groups) if (entries.some(({ readable }) => !readable)) groups.delete(task);
  for (const words of listing.problems) {
    const task = /\btasks\/(\d{1,6})\//.exec(words)?.[1];
    if (task !== undefined) groups.delete(Number(task));
  }
  return groups;
}

function isSame(before: Group, after: Group | undefined): boolean {
  const now = new Map((after ?? []).map((entry) => [entry.path, entry]));
  if (now.size !== before.length) return false;
  return before.every(({ path, kind, bytes, modified }) => {
    const entry = now.get(path);
    return entry?.kind === kind && entry.bytes === bytes && entry.modified === modified;
  });
}

/** What an earlier transfer left there may be gone on the remote host, or may have another length. */
async function isWhole(stage: string, task: number, entries: Group): Promise<boolean> {
  const folder = join(stage, String(task));
  const listed = await listTree(folder, { exclude: (path) => path.split('/').includes(PARTIAL_FOLDER) });
  const wanted = new Map(entries.map((entry) => [taskOutputOf(entry.path)?.name, entry]));
  const isLike =
    listed.problems.length === 0 &&
    listed.entries.length === entries.length &&
    listed.entries.every(({ path, kind, bytes }) => {
      const entry = wanted.get(path);
      return entry?.kind === kind && (kind !== 'file' || entry.bytes === bytes);
    });
  if (!isLike) removeFolder(folder);
  return isLike;
}

/** Returns false if something is in its place. */
function place(here: RunPaths, task: number): boolean {
  const target = join(here.folder, taskFolder(task));
  if (lstatOrNull(target) !== null) return false;
  makeFolder(join(target, '..'));
  renameOver(join(stagingOf(here), String(task)), target);
  crashPoint('bring.placed');
  return true;
}
