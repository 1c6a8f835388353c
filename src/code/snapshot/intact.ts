import { join } from 'node:path';
import { lstatOrNull, readLinkOrNull } from '../../platform/files.ts';
import { listEntries } from '../../platform/folders.ts';
import { isAsKept } from '../../platform/kept-files.ts';
import type { SnapshotPlan } from './plan.ts';

/**
 * Whether a tree that was made before is as it was made: the same names, and unmodified files, as far as
 * their inodes show. Bytes are not read: the run's own check does that.
 */
export function isIntact(tree: string, plan: SnapshotPlan): boolean {
  if (lstatOrNull(tree)?.isDirectory() !== true) return false;
  for (const file of plan.files) if (!isAsKept(join(tree, file.path), file)) return false;
  for (const { path, target } of plan.symlinks) if (readLinkOrNull(join(tree, path)) !== target) return false;
  const expected = plan.files.length + plan.symlinks.length + plan.folders.length - 1;
  return countOf(tree, plan.folders) === expected;
}

/** Nothing may have been added: an import could find it. */
function countOf(tree: string, folders: readonly string[]): number | null {
  let count = 0;
  for (const folder of folders) {
    if (lstatOrNull(join(tree, folder))?.isDirectory() !== true) return null;
    count += listEntries(join(tree, folder)).length;
  }
  return count;
}
