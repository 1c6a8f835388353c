import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program, run as users run it. */

export const PROGRAM = fileURLToPath(new URL('../../bin/autolab.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly stderrSoFar: () => string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
}

/** The caller's own Slurm or autolab variables must not steer a test. */
export function cleanEnvironment(extra: RunOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(AUTOLAB|SLURM|SBATCH|SQUEUE|SACCT|VITEST|GIT)_/.test(name) && name !== 'NODE_OPTIONS') env[name] = value;
  }
  return { ...env, ...extra };
}

export function startAutolab(root: string, words: readonly string[], options: RunOptions = {}): Running {
  return startProgram([process.execPath, PROGRAM, ...words], root, options);
}

export function startProgram(argv: readonly string[], cwd: string, options: RunOptions = {}): Running {
  const [command = '', ...words] = argv;
  const child = spawn(command, words, {
    cwd,
    env: cleanEnvironment(options.env),
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  if (options.stdin !== undefined) child.stdin?.end(options.stdin);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({ status, signal, stdout, stderr });
    });
  });
  return { child, ended, stderrSoFar: () => stderr };
}

export async function autolab(root: string, words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startAutolab(root, words, options).ended;
}

export interface JsonEnded extends Ended {
  readonly json: Record<string, any>;
}

/** With `--json`: stdout must be exactly one object. */
export async function autolabJson(
  root: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<JsonEnded> {
  const ended = await autolab(root, asJson(words), options);
  return { ...ended, json: parseJson(ended) };
}

/** The words with `--json`; what follows `--` is the command of a run. */
export function asJson(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--');
  return at < 0 ? [...words, '--json'] : [...words.slice(0, at), '--json', ...words.slice(at)];
}

export function parseJson(ended: Ended): Record<string, any> {
  try {
    return JSON.parse(ended.stdout) as Record<string, any>;
  } catch {
    throw new Error(
      `stdout is not one JSON object; status ${String(ended.status)}, stdout ${ended.stdout}, stderr ${ended.stderr}`,
    );
  }
}

export function inRun(root: string, iterationId: string, runId: string, ...parts: readonly string[]): string {
  return join(root, 'experiments', iterationId, 'runs', runId, ...parts);
}
