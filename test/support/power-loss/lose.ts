import { linkSync, lstatSync, mkdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { EVERYTHING, mixed, NOTHING } from './choices.ts';
import type { There, Tree } from './disk.ts';
import { differencesToFolder, diskAfter, type Recorded } from './record.ts';

/**
 * Takes away, from the folder where a recorded program was at work, what it had not flushed. Files of other programs stay,
 * and their folders: they are on a file server, or their hosts live on.
 *
 * @param seed of a choice; null for the loss of all of it
 */
export function loseUnsafe(record: Recorded, seed: number | null): void {
  expect(differencesToFolder(record), 'the record is whole').toEqual([]);
  const disk = diskAfter(record);
  const now = disk.after(EVERYTHING);
  const left = disk.after(seed === null ? NOTHING : mixed(seed));
  for (const [path, there] of [...now].reverse()) if (!left.has(path)) remove(join(record.root, path), there);
  for (const [path, there] of left) if (!same(now.get(path), there)) put(record.root, path, there, left);
}

function remove(path: string, there: There): void {
  if (there.kind !== 'folder') {
    unlinkSync(path);
    return;
  }
  try {
    rmdirSync(path);
  } catch {
    // Another program has something in it.
  }
}

function same(one: There | undefined, other: There): boolean {
  if (one?.kind === 'file' && other.kind === 'file') return one.bytes.equals(other.bytes);
  return one?.kind === other.kind;
}

/** At once and whole: other programs look. */
function put(root: string, path: string, there: There, tree: Tree): void {
  const to = join(root, path);
  if (there.kind === 'folder') mkdirSync(to);
  else if (there.kind === 'symlink') symlinkSync(there.target, to);
  else {
    const other = [...tree].find(([, one]) => one === there)?.[0];
    const temporary = join(dirname(to), '.put-back');
    if (
      other !== undefined &&
      other !== path &&
      lstatSync(join(root, other), { throwIfNoEntry: false })?.isFile() === true
    )
      linkSync(join(root, other), temporary);
    else writeFileSync(temporary, there.bytes, { mode: there.mode });
    renameSync(temporary, to);
  }
}
