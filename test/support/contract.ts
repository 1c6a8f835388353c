import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { asJson, autolab, type Ended, type JsonEnded, parseJson, type RunOptions } from './autolab.ts';
import { temporaryFolder, treeDigest } from './project.ts';

/** What the contract promises of every call. */

/** Of `launch`, `resume`, `cancel` and `status`: never left out. */
export const RESULT_KEYS = [
  'schema_version',
  'command',
  'outcome',
  'code',
  'message',
  'hint',
  'iteration_id',
  'experiment_id',
  'run_id',
  'run_dir',
  'host_mode',
  'job_id',
  'cluster',
  'status',
  'artifact_sync_status',
  'stage_before',
  'stage_after',
  'stage_attempt',
  'max_stage_attempts',
  'attempt_counted',
  'problems',
  'recommendations',
] as const;

/** A person must never see the inside of the program. */
export function expectNoStackTrace(ended: Ended): void {
  expect(ended.stdout + ended.stderr).not.toMatch(
    /^\s+at .*\(?(?:file:|node:|\/).*:\d+:\d+\)?$|autolab has a bug|UnhandledPromise/m,
  );
}

/** Calls with `--json`, and checks what holds for every such call. */
export async function call(root: string, words: readonly string[], options: RunOptions = {}): Promise<JsonEnded> {
  const ended = await autolab(root, asJson(words), options);
  expectNoStackTrace(ended);
  const json = parseJson(ended);
  for (const key of RESULT_KEYS) expect(json).toHaveProperty(key);
  return { ...ended, json };
}

/** A call that must leave no trace: digest of the tree, and git's view of it where it is a repository, are as before. */
export async function callWithoutTrace(
  root: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<JsonEnded> {
  const before = traceOf(root);
  const ended = await call(root, words, options);
  expect(traceOf(root), `${words.join(' ')} changed the project`).toBe(before);
  return ended;
}

function traceOf(root: string): string {
  return `${existsSync(join(root, '.git')) ? gitStatus(root) : ''}\n${treeDigest(root)}`;
}

export function gitStatus(root: string): string {
  return execFileSync('git', ['status', '--porcelain', '--ignored', '--untracked-files=all'], {
    cwd: root,
    encoding: 'utf8',
  });
}

/** Code of a failure and of all its problems: where a test only cares that one of them names the cause. */
export function codesOf(json: JsonEnded['json']): readonly string[] {
  return [String(json['code']), ...problemsOf(json).map((problem) => problem.code)];
}

export interface ShownProblem {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly pointer: string | null;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export function problemsOf(json: JsonEnded['json']): readonly ShownProblem[] {
  return json['problems'] as readonly ShownProblem[];
}

const TOOLS = ['bash', 'cat', 'date', 'env', 'git', 'grep', 'hostname', 'mv', 'sh', 'sha256sum', 'sleep'];

/** A PATH with a few tools and nothing of Slurm, whatever this machine has. */
export function pathWithoutSlurm(without: readonly string[] = []): string {
  const folder = temporaryFolder();
  for (const tool of TOOLS.filter((name) => !without.includes(name))) symlinkSync(findTool(tool), join(folder, tool));
  return folder;
}

function findTool(name: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (found === undefined) throw new Error(`this test needs ${name}`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Permissions do not hold root back; without these capabilities they do. Empty for everybody else. */
export function withoutPrivileges(): readonly string[] {
  return process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'] : [];
}
