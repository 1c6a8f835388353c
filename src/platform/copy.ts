import { cpSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, messageOf } from './files.ts';

/** Copies a file or a tree; symbolic links are copied as links, never followed. Returns the error, or null. */
export function copyTree(from: string, to: string): string | null {
  try {
    makeFolder(dirname(to));
    cpSync(from, to, { recursive: true, dereference: false, verbatimSymlinks: true, preserveTimestamps: true });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

export function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
