import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file in one go: a reader sees the old text or the new one. */
export function writeWhole(path, text, mode = 0o644) {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}
