import { join } from 'node:path';
import { readTextOrNull } from '../platform/files.ts';
import { packageInfo } from '../platform/package.ts';

/** The files in `templates/`, which ship with the package. */

/** The text of a template. @throws if the package is incomplete. */
export function readTemplate(name: string): string {
  const path = join(packageInfo().folder, 'templates', name);
  const text = readTextOrNull(path);
  if (text === null) throw new Error(`the package is incomplete: ${path} is missing`);
  return text;
}
