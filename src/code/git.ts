import { type ProcessResult, type RawProcessResult, run, runRaw } from '../platform/process.ts';
import { withoutUrlSecrets } from '../platform/redact.ts';
import { after } from '../platform/time.ts';
import { gitWatcher } from './git-watcher.ts';

/** How autolab asks git: read-only, in plain English, and about the repository of a folder, whatever the caller's variables say. */

/** A slow file system makes git slow, not wrong: it is waited for. */
const TIMEOUT_MS = 3_600_000;
/** After this time the user is informed. */
const SLOW_MS = 5000;
const MAX_BYTES = 256 * 1024 * 1024;
const SAFE = [
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  // No program of the repository runs.
  ['core.hooksPath', '/dev/null'],
  // A clone from another system; here two names that differ in case are two files.
  ['core.ignoreCase', 'false'],
].flatMap(([name, value]) => ['-c', `${name ?? ''}=${value ?? ''}`]);

/** Variables of git that say how it works for this user; all others may name another repository, as in a hook. */
const OF_THE_USER =
  /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|EXEC_PATH|DISCOVERY_ACROSS_FILESYSTEM|SSH|SSH_COMMAND)$/;

/** The caller's variables, without those of git that are about another repository. */
export function gitEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env))
    if (!name.startsWith('GIT_') || OF_THE_USER.test(name)) env[name] = value;
  return {
    ...env,
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // The commit is what its id says, also in a clone that lacks the replacements.
    GIT_NO_REPLACE_OBJECTS: '1',
    ...extra,
  };
}

export interface GitCall {
  /** Variables to add. */
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string | Uint8Array;
  /** Gets the answer as it comes; ends git if it fires. */
  readonly onStdout?: (chunk: Buffer) => void;
  readonly signal?: AbortSignal;
  /** Kept of the answer, in bytes. */
  readonly maxBytes?: number;
}

/** Asks git about `cwd`; for answers that are text. Never rejects: `gitTrouble` says what a failure means. */
export function git(cwd: string, words: readonly string[], call: GitCall = {}): Promise<ProcessResult> {
  return unlessSlow(cwd, words, run(['git', ...SAFE, ...words], optionsOf(cwd, call)));
}

/** The same for answers that are bytes. */
export function gitRaw(cwd: string, words: readonly string[], call: GitCall = {}): Promise<RawProcessResult> {
  return unlessSlow(cwd, words, runRaw(['git', ...SAFE, ...words], optionsOf(cwd, call)));
}

function optionsOf(cwd: string, { env, maxBytes, signal, ...rest }: GitCall) {
  const signals = [signal, gitWatcher().signal].filter((one) => one !== undefined);
  return {
    cwd,
    env: gitEnvironment(env),
    timeoutMs: TIMEOUT_MS,
    maxBytes: maxBytes ?? MAX_BYTES,
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
    ...rest,
  };
}

async function unlessSlow<T>(cwd: string, words: readonly string[], answer: Promise<T>): Promise<T> {
  const { onSlow } = gitWatcher();
  if (onSlow === undefined) return answer;
  const timer = after(SLOW_MS, () => {
    onSlow(`git ${words.find((word, at) => word !== '-c' && words[at - 1] !== '-c') ?? ''}`, cwd);
  });
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

/** A remote's URL without user name, password or token. scp-like and local ones have none to lose but the user. */
export function withoutCredentials(url: string): string {
  return withoutUrlSecrets(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^@/]*@/i, '$1').replace(/^[^@/:]+:[^@/]+@/, ''));
}
