import { join } from 'node:path';
import { ageMs, fileClockMs } from '../platform/file-clock.ts';
import { leadsOutside, listNames, lstatOrNull } from '../platform/files.ts';
import { isTemporaryName } from '../platform/temporary-name.ts';

/** What killed processes left of files that they were writing. */

/** A living process renames its file in far less. */
const LEFT_MS = 60_000;

const OF_PROJECT = ['', '.autolab', 'docs', 'experiments'];
const OF_AUTOLAB = ['approved', 'cache', 'notifications', 'prompts', 'prompts/rendered'];
/** Not of `runs/`: those are records. */
const OF_EXPERIMENT = ['', 'launch', 'analysis'];

export interface LeftTemporary {
  /** Relative to the project root. */
  readonly path: string;
  readonly bytes: number;
}

export function leftTemporaries(root: string): readonly LeftTemporary[] {
  const nowMs = fileClockMs(join(root, '.autolab'));
  if (nowMs === null) return [];
  return foldersOf(root).flatMap((folder) =>
    listNames(join(root, folder)).flatMap((name) => {
      if (!isTemporaryName(name)) return [];
      const path = join(folder, name);
      const stats = lstatOrNull(join(root, path));
      const isLeft = (ageMs(join(root, path), nowMs) ?? 0) > LEFT_MS;
      return stats?.isFile() === true && isLeft ? [{ path, bytes: stats.size }] : [];
    }),
  );
}

function foldersOf(root: string): readonly string[] {
  const experiments = listNames(join(root, 'experiments')).flatMap((id) =>
    OF_EXPERIMENT.map((part) => join('experiments', id, part)),
  );
  return [...OF_PROJECT, ...OF_AUTOLAB.map((part) => join('.autolab', part)), ...experiments].filter(
    (folder) => leadsOutside(root, join(root, folder)) === null,
  );
}
