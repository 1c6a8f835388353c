import { join } from 'node:path';
import { digestLargeFile, SMALL_FILE_BYTES } from '../../platform/digest.ts';
import { errorCodeOf, lstatOrNull, removeIfThere } from '../../platform/files.ts';
import { addFolder, isAsKept, keepLargeFile, keepSmallFile, linkFile, makeSymlink } from '../../platform/kept-files.ts';
import type { PlannedFile, SnapshotPlan } from './plan.ts';

/** Puts the files into a new tree: as links to the store where it has them, as copies of the work tree otherwise. */

/** So often the event loop gets its turn, for the lease's heartbeat and for an interrupt. */
const FILES_PER_TURN = 64;

export interface FillOptions {
  /** The listed tree. */
  readonly from: string;
  /** Exists and is empty. */
  readonly to: string;
  readonly store: string;
  readonly signal?: AbortSignal;
}

export interface Filled {
  /** Files that came from the work tree; the store may have them from now on. */
  readonly copied: readonly PlannedFile[];
  readonly linked: number;
  /** Relative to the tree: those that are no longer what was listed. */
  readonly changed: readonly string[];
}

export async function fillTree(plan: SnapshotPlan, { from, to, store, signal }: FillOptions): Promise<Filled> {
  for (const folder of plan.folders.slice(1)) addFolder(join(to, folder));
  const copied: PlannedFile[] = [];
  const changed: string[] = [];
  let linked = 0;
  for (const [at, file] of plan.files.entries()) {
    if (at % FILES_PER_TURN === 0) {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
    if (linkFromStore(file, store, to)) linked += 1;
    else if (await copyFromWorkTree(file, from, to)) copied.push(file);
    else changed.push(file.path);
  }
  for (const { path, target } of plan.symlinks) makeSymlink(target, join(to, path));
  return { copied, linked, changed };
}

/** A mode belongs to the file, not to its name: an executable one is another file. */
function storedAs(store: string, { sha256, executable }: PlannedFile): string {
  return join(store, executable ? `${sha256}.x` : sha256);
}

function linkFromStore(file: PlannedFile, store: string, to: string): boolean {
  const stored = storedAs(store, file);
  return isAsKept(stored, file) && linkFile(stored, join(to, file.path));
}

/** Whether the bytes that were copied are those of the listing. */
async function copyFromWorkTree(file: PlannedFile, from: string, to: string): Promise<boolean> {
  const source = join(from, file.path);
  const target = join(to, file.path);
  try {
    if (file.bytes <= SMALL_FILE_BYTES) return keepSmallFile(source, target, file.executable) === file.sha256;
    if (lstatOrNull(source)?.isFile() !== true) return false;
    keepLargeFile(source, target, file.executable);
    const fact = await digestLargeFile(target);
    return fact.kind === 'file' && fact.sha256 === file.sha256;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCodeOf(error)) && lstatOrNull(source) === null) return false;
    throw error;
  }
}

/** Gives new files a second name in the store. They must be durable: a name there says that the bytes are right. */
export async function fillStore(files: readonly PlannedFile[], tree: string, store: string): Promise<void> {
  for (const [at, file] of files.entries()) {
    if (at % FILES_PER_TURN === 0) await new Promise(setImmediate);
    const stored = storedAs(store, file);
    if (linkFile(join(tree, file.path), stored)) continue;
    // In its place may be a file that was written to, or one with as many names as the file system allows.
    if (lstatOrNull(stored) === null) return;
    removeIfThere(stored);
    linkFile(join(tree, file.path), stored);
  }
}
