import { realPathOr } from '../platform/files.ts';
import { inodeOf } from '../platform/inode.ts';
import type { RunPaths } from '../records/paths.ts';
import type { PlaceData } from '../records/run-data.ts';

/** The place where a run is recorded, for its journal: the name can change (`mv`), the folder stays the same. */
export function placeOf(root: string, paths: RunPaths): PlaceData {
  return { project: realPathOr(root), inode: inodeOf(paths.folder) };
}
