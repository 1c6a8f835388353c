import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import { digestFiles, type DigestOptions, type FileDigest } from '../../records/digest-files.ts';
import type { RunPaths } from '../../records/paths.ts';
import { taskFolder } from '../../records/tasks/task-files.ts';

/** The outputs of the tasks of a run that has ended, as its record lists them. */

/** By the index of the task; without its logs and outputs there is no entry. */
export type OutputsByTask = ReadonlyMap<number, readonly ChecksumEntry[]>;

/** `digest`: of `artifacts.sha256`. Null if the list is gone, or another one. */
export function recordedOutputs(paths: Pick<RunPaths, 'artifacts'>, digest: string): OutputsByTask | null {
  const text = readTextOrNull(paths.artifacts);
  const entries = text === null || sha256(text) !== digest ? null : parseChecksums(text, 'artifacts.sha256').value;
  return entries === null ? null : byTask(entries);
}

function byTask(entries: readonly ChecksumEntry[]): OutputsByTask {
  const tasks = new Map<number, ChecksumEntry[]>();
  for (const entry of entries) {
    const index = /^tasks\/(\d{1,6})\//.exec(entry.path)?.[1];
    if (index === undefined) continue;
    const own = tasks.get(Number(index));
    if (own === undefined) tasks.set(Number(index), [entry]);
    else own.push(entry);
  }
  return tasks;
}

/** A task of the earlier run, and the index that it has now. */
export interface MovedTask {
  readonly index: number;
  readonly from_index: number;
}

/** The path of an output in the folder of another index. Pure. */
export function movedPath(path: string, { index, from_index: from }: MovedTask): string {
  return `${taskFolder(index)}${path.slice(taskFolder(from).length)}`;
}

/**
 * The tasks all of whose outputs are, in `folder`, as the record lists them. `pathOf`: where an output is there.
 */
export async function tasksAsRecorded<Task extends MovedTask>(
  folder: string,
  tasks: readonly Task[],
  outputs: OutputsByTask,
  pathOf: (path: string, task: Task) => string,
  options: DigestOptions = {},
): Promise<ReadonlySet<Task>> {
  const entriesOf = (task: Task): readonly ChecksumEntry[] => outputs.get(task.from_index) ?? [];
  const paths = tasks.flatMap((task) => entriesOf(task).map(({ path }) => pathOf(path, task)));
  const { digests } = await digestFiles(folder, paths, options);
  const isSame = (task: Task): boolean =>
    entriesOf(task).every((entry) => isLike(entry, digests.get(pathOf(entry.path, task))));
  return new Set(tasks.filter(isSame));
}

function isLike({ kind = 'file', sha256: digest }: ChecksumEntry, found: FileDigest | undefined): boolean {
  return found?.kind === kind && found.sha256 === digest;
}
