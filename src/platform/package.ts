import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** autolab's own package folder: found by walking up, so that it works from the sources and from the bundle. */

export interface PackageInfo {
  readonly folder: string;
  readonly version: string;
}

let found: PackageInfo | undefined;

export function packageInfo(): PackageInfo {
  if (found !== undefined) return found;
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const version = versionIn(folder);
    if (version === null && folder !== dirname(folder)) continue;
    found = { folder, version: version ?? '' };
    return found;
  }
}

/** Null if it is no package: the one in `dist/` only says which kind of modules is there. */
function versionIn(folder: string): string | null {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  const { version = null } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string };
  return version;
}
