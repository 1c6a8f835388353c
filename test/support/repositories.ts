import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { autolab, inRun } from './autolab.ts';
import { commitAll, edit, makeProject, runIds, temporaryFolder, write } from './project.ts';
import { manifestOf } from './runs.ts';

/** Projects in repositories as people have them. */

const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'protocol.file.allow=always'];

export function git(cwd: string, ...words: readonly string[]): string {
  return execFileSync('git', [...AUTHOR, ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export type Commit = Record<string, any>;

export async function launched(
  root: string,
  env: Record<string, string> = {},
): Promise<{ commit: Commit; run: string; fingerprint: string; stderr: string }> {
  const before = runIds(root);
  const ended = await autolab(root, ['launch'], { env });
  expect(ended.status, ended.stderr).toBe(0);
  const [run = ''] = runIds(root).filter((id) => !before.includes(id));
  const manifest = manifestOf(root, run);
  return {
    commit: manifest['commit'] as Commit,
    run,
    fingerprint: manifest['fingerprint'] as string,
    stderr: ended.stderr,
  };
}

export function again(root: string): void {
  edit(root, '.autolab/state.json', (text) => text.replace(/"stage": "\w+"/, '"stage": "launch"'));
}

export function recorded(root: string, run: string, file = 'code.sha256'): string {
  return readFileSync(inRun(root, 'iter1', run, file), 'utf8');
}

/** A repository with a project in `proj/` and a library beside it. */
export function besideLibrary(options: Parameters<typeof makeProject>[0] = {}): { top: string; root: string } {
  const top = temporaryFolder();
  const root = makeProject({ ...options, root: join(top, 'proj') });
  write(top, 'lib/model.py', 'first\n');
  commitAll(top);
  return { top, root };
}

export function withSubmodule(): string {
  const library = temporaryFolder();
  write(library, 'net.py', 'one\n');
  commitAll(library);
  const root = makeProject({ git: true });
  git(root, 'submodule', '--quiet', 'add', library, 'vendor/net');
  commitAll(root);
  return root;
}
