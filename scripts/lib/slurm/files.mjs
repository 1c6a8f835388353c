import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file in one go: a reader sees the old text or the new one. */
export function writeWhole(path, text, mode = 0o644) {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

/** Removes a tree in which nothing is mounted. A tree with mounts in it is somebody's system. */
export function removeTree(folder, mounts = readFileSync('/proc/self/mounts', 'utf8')) {
  const points = mounts.split('\n').map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  const inside = points.filter((point) => point === folder || point.startsWith(`${folder}/`));
  if (inside.length > 0)
    throw new Error(`${folder} is not removed, because something is mounted in it: ${inside.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
}
