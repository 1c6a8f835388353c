import { join } from 'node:path';
import { listNames, lstatOrNull, readTextOrNull } from '../../platform/files.ts';

/**
 * What Python imports from the work tree although a run has a snapshot: editable installs (`pip install -e`) in a linked
 * environment. They are lines of `*.pth`, or finders that setuptools makes, with the path of the work tree.
 */

const MOST_BYTES = 256 * 1024;

/** Relative to the project; `tree`: the path that they name. */
export function editableInstalls(project: string, links: readonly string[], tree: string): readonly string[] {
  return links.flatMap((link) => {
    const lib = join(project, link, 'lib');
    const packages = listNames(lib).flatMap((name) => (name.startsWith('python') ? [join(name, 'site-packages')] : []));
    return packages.flatMap((folder) =>
      listNames(join(lib, folder))
        .filter((name) => /\.pth$|^__editable__.*\.py$/.test(name) && names(join(lib, folder, name), tree))
        .map((name) => join(link, 'lib', folder, name)),
    );
  });
}

function names(path: string, tree: string): boolean {
  const stats = lstatOrNull(path);
  return stats?.isFile() === true && stats.size <= MOST_BYTES && (readTextOrNull(path) ?? '').includes(tree);
}
