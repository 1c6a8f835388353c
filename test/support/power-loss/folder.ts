import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { There, Tree } from './disk.ts';

/** Between a folder and what the model of a disk knows of it. */

/** Folders before what is in them. */
export function treeOf(root: string): Tree {
  const tree = new Map<string, There>();
  const visit = (folder: string, prefix: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const stats = lstatSync(join(folder, name));
      const mode = stats.mode & 0o7777;
      const path = `${prefix}${name}`;
      if (stats.isSymbolicLink()) tree.set(path, { kind: 'symlink', target: readlinkSync(join(folder, name)) });
      else if (stats.isFile())
        tree.set(path, { kind: 'file', id: stats.ino, mode, bytes: readFileSync(join(folder, name)) });
      else {
        tree.set(path, { kind: 'folder', mode });
        visit(join(folder, name), `${path}/`);
      }
    }
  };
  visit(root, '');
  return tree;
}

/** Makes what is in a folder be exactly the tree. */
export function putTree(root: string, tree: Tree): void {
  for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
  const files = new Map<number, string>();
  for (const [path, there] of tree) {
    const to = join(root, path);
    if (there.kind === 'folder') mkdirSync(to);
    else if (there.kind === 'symlink') symlinkSync(there.target, to);
    else {
      const first = files.get(there.id);
      if (first === undefined) writeFileSync(to, there.bytes);
      else linkSync(first, to);
      files.set(there.id, to);
    }
    if (there.kind !== 'symlink') chmodSync(to, there.mode);
  }
}

/** Equal if and only if the trees look alike. */
export function digestOfTree(tree: Tree): string {
  const hash = createHash('sha256');
  for (const [path, there] of tree) {
    hash.update(`${path}\0${there.kind}\0`);
    if (there.kind === 'file') hash.update(`${there.bytes.length}\0`).update(there.bytes);
    else if (there.kind === 'symlink') hash.update(there.target);
  }
  return hash.digest('hex');
}
