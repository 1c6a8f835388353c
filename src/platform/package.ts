import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** autolab's own package folder: found by walking up, so that it works from the sources and from the bundle. */

export interface PackageInfo {
  readonly folder: string;
  readonly version: string;
}

let found: PackageInfo | undefined;

export function packageInfo(): PackageInfo {
  if (found !== undefined) return found;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  found = { folder, version };
  return found;
}
