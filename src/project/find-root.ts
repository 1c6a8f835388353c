import { dirname, join, resolve } from 'node:path';
import { lstatOrNull } from '../platform/files.ts';

/**
 * The nearest folder, from `start` upwards, that has `.autolab/`; null if there is none. A link counts: guards check
 * it.
 */
export function findRoot(start: string): string | null {
  let folder = resolve(start);
  for (;;) {
    const stats = lstatOrNull(join(folder, '.autolab'));
    if (stats !== null && (stats.isDirectory() || stats.isSymbolicLink())) return folder;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}
