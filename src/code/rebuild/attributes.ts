import { join } from 'node:path';
import { makeFolder } from '../../platform/files.ts';
import { LINK } from '../tracked.ts';
import { isSafePath } from './recipe.ts';
import type { AskGit, RepositoryTree } from './repository-tree.ts';
import { writeBlobFiles } from './write-blobs.ts';

/**
 * Git as it applies filters: with the attributes of the whole repository, then with those that are in the new folder, which
 * may be a part of it. `cat-file` reads attributes from files only, not from the index.
 */
export async function askersOfFilters(tree: RepositoryTree): Promise<readonly AskGit[]> {
  const folder = join(tree.temporary, 'attributes');
  makeFolder(folder);
  const files = [...tree.entries].flatMap(([name, { blob, mode }]) =>
    /(^|\/)\.gitattributes$/.test(name) && mode !== LINK && isSafePath(name)
      ? [{ path: join(folder, name), blob, mode }]
      : [],
  );
  if (files.length === 0) return [tree.ask];
  await writeBlobFiles(tree, files);
  return [tree.askWith(folder), tree.ask];
}
