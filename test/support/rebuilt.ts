import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRun } from './autolab.ts';

/** Trees as they are on a disk, for comparing what ran with what was rebuilt. */

const WHO = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'protocol.file.allow=always'];

export function gitIn(cwd: string, ...words: readonly string[]): string {
  return execFileSync('git', [...WHO, ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Every file and link below a folder but git's own: kind, owner's x bit and digest by path. */
export function treeOf(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (place: string): void => {
    for (const name of readdirSync(join(folder, place))) {
      if (name === '.git') continue;
      const path = place + name;
      const stats = lstatSync(join(folder, path));
      if (stats.isDirectory()) visit(`${path}/`);
      else if (stats.isSymbolicLink()) found.set(path, `link ${readlinkSync(join(folder, path))}`);
      else if (stats.isFile())
        found.set(path, `${(stats.mode & 0o100) === 0 ? 'file' : 'program'} ${digest(join(folder, path))}`);
    }
  };
  visit('');
  return found;
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The record of a run, copied into a clone. */
export function copyRun(root: string, clone: string, runId: string): void {
  const to = inRun(clone, 'iter1', runId);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(inRun(root, 'iter1', runId), to, { recursive: true });
}

/** Everything of git's below a folder, by content: an asked repository keeps it. */
export function gitState(root: string): string {
  const script = 'find . -path "*/.git/*" -type f -print0 | sort -z | xargs -0 sha256sum';
  return execFileSync('bash', ['-c', script], { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
}
