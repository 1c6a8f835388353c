import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT, ROOT } from './paths.mjs';

const WANTED = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
/** The two files as they were when they were last found to agree. */
const STAMP = join(OUTPUT, 'node-packages');

/**
 * What node_modules lacks of package-lock.json, or null. Versions are compared, not times: a checkout makes every file
 * new, and an unpacked cache makes every file old. Files that are the very ones compared last time are not read again.
 */
export function differenceToLock() {
  if (!existsSync(INSTALLED)) return 'node_modules is missing';
  const now = `${identityOf(WANTED)} ${identityOf(INSTALLED)}`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === now) return null;
  const difference = firstDifference(packagesIn(WANTED), packagesIn(INSTALLED));
  if (difference === null) {
    mkdirSync(OUTPUT, { recursive: true });
    writeFileSync(STAMP, now);
  }
  return difference;
}

/** Changes with every change of the file: its inode, size, and times of its content and of itself, in nanoseconds. */
function identityOf(path) {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function packagesIn(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

function firstDifference(wanted, installed) {
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    // The packages for other platforms are listed and not installed.
    if (path === '' || link || (optional && installed[path] === undefined)) continue;
    if (installed[path]?.version !== version) return `${path} is not at ${version}`;
  }
  return null;
}
