import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The file that a program's name leads to, as for a call from `cwd`; null if there is none that can be run. */
export function findProgram(name: string, cwd: string, path = process.env['PATH'] ?? ''): string | null {
  const places = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(':').map((folder) => resolve(cwd, folder, name));
  return places.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
