import { isAbsolute, join, relative, resolve } from 'node:path';
import { lstatOrNull, realPathOr } from '../platform/files.ts';

/** Where the file of the signers is. A link that somebody put into the project must not lead to other keys. */

export interface SignersPlace {
  /** Absolute. */
  readonly path: string;
  /** Relative to the project; null if it is outside of it, where links are the operator's. */
  readonly within: string | null;
  /** The first symbolic link on the way from the root to the file, relative to the project; null if there is none. */
  readonly link: string | null;
}

/** What counts is the configured name, never where a link of the project leads. */
export function signersPlace(root: string, name: string): SignersPlace {
  const real = realPathOr(root);
  const named = resolve(real, name);
  const within = withinProject(real, named);
  if (within === null) return { path: realPathOr(named), within, link: null };
  const names = within.split('/');
  const steps = names.map((_, index) => names.slice(0, index + 1).join('/'));
  const link = steps.find((step) => lstatOrNull(join(real, step))?.isSymbolicLink() === true) ?? null;
  return { path: join(real, within), within, link };
}

/** From where the path first is in the project, whatever its way there. */
function withinProject(real: string, named: string): string | null {
  const names = named.split('/').filter((part) => part !== '');
  for (let count = 0; count <= names.length; count += 1) {
    const here = relative(real, realPathOr(`/${names.slice(0, count).join('/')}`));
    if (here !== '..' && !here.startsWith('../') && !isAbsolute(here)) return join(here, ...names.slice(count));
  }
  return null;
}
