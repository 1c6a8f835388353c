import { type ProcessResult, type RawProcessResult, run, runRaw } from '../../platform/process.ts';
import { withoutUrlSecrets } from '../../platform/redact.ts';

/** How autolab asks git: read-only, in plain English, without running anything that a repository's configuration names. */

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 256 * 1024 * 1024;
const SAFE = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', '--literal-pathspecs'];

function gitEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  // A hook that calls us has set GIT_DIR and the like for another repository.
  for (const [name, value] of Object.entries(process.env))
    if (!name.startsWith('GIT_') || name.startsWith('GIT_CONFIG_')) env[name] = value;
  return { ...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', ...extra };
}

export function git(cwd: string, words: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<ProcessResult> {
  return run(['git', ...SAFE, ...words], {
    cwd,
    env: gitEnvironment(extra),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
}

export function gitRaw(
  cwd: string,
  words: readonly string[],
  extra: NodeJS.ProcessEnv = {},
  stdin?: string,
): Promise<RawProcessResult> {
  return runRaw(['git', ...SAFE, ...words], {
    cwd,
    env: gitEnvironment(extra),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    ...(stdin === undefined ? {} : { stdin }),
  });
}

/** A remote's URL without user name, password or token. scp-like and local ones have none to lose but the user. */
export function withoutCredentials(url: string): string {
  return withoutUrlSecrets(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^@/]*@/i, '$1').replace(/^[^@/:]+:[^@/]+@/, ''));
}

export interface GitStatus {
  readonly sha: string | null;
  readonly branch: string | null;
  /** Relative to the top of the repository. */
  readonly changed: readonly string[];
  readonly untracked: readonly string[];
}

/** `git status --porcelain=v2 --branch -z --no-renames`. */
export function parseStatus(text: string): GitStatus {
  let sha: string | null = null;
  let branch: string | null = null;
  const changed: string[] = [];
  const untracked: string[] = [];
  for (const line of text.split('\0')) {
    if (line.startsWith('# branch.oid ')) sha = line.slice(13) === '(initial)' ? null : line.slice(13);
    else if (line.startsWith('# branch.head ')) branch = line.slice(14) === '(detached)' ? null : line.slice(14);
    else if (line.startsWith('1 ')) changed.push(line.split(' ').slice(8).join(' '));
    else if (line.startsWith('u ')) changed.push(line.split(' ').slice(10).join(' '));
    else if (line.startsWith('? ')) untracked.push(line.slice(2));
  }
  return { sha, branch, changed, untracked };
}
