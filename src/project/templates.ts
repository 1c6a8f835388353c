import { dirname, join } from 'node:path';
import { exists, readTextOrNull } from '../platform/files.ts';

/** The files in `templates/`, which ship with the package. */

/** The folder with package.json: the same from `src/`, from a bundle in `dist/`, and from an installed package. */
function packageFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (exists(join(folder, 'package.json')) && exists(join(folder, 'templates'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package with templates/ around ${import.meta.dirname}`);
  }
}

/** The text of a template. @throws if the package is incomplete. */
export function readTemplate(name: string): string {
  const path = join(packageFolder(), 'templates', name);
  const text = readTextOrNull(path);
  if (text === null) throw new Error(`the package is incomplete: ${path} is missing`);
  return text;
}
