import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectJournal } from '../../src/engine/project-journal.ts';
import { manifestSchema } from '../../src/records/manifest-schema.ts';
import { inRun, type Running, startAutolab } from './autolab.ts';
import { readJson, runIds, startsOf, until, write } from './project.ts';

/** Runs under test, looked at from outside. */

/** A bound, not an expectation: so long may a test take on a machine that has other work, too. */
export const SLOW_MS = 240_000;

/** An entrypoint that goes on until a test lets it end: see `letEnd`. Once it has `begun`, it writes no more until then. */
export const WAITING = `echo $$ > "$AUTOLAB_RUN_DIR/pid"
echo started >> "$AUTOLAB_RUN_DIR/marker"
until [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.05; done
echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
`;

export function letEnd(root: string, runId: string): void {
  write(root, `experiments/iter1/runs/${runId}/go`, '');
}

/** Waits until the entrypoint of the only run has begun; its run id. */
export async function begun(root: string): Promise<string> {
  const latest = (): string => runIds(root).at(-1) ?? '';
  await until('the entrypoint begins', () => startsOf(root, latest()) > 0);
  return latest();
}

/**
 * Waits until the entrypoint of the only run has begun here, and its supervisor has recorded that: from then on, nobody writes
 * into the folder of the run but its samples, unless a driver does. Its run id.
 */
export async function begunAndRecorded(root: string): Promise<string> {
  const runId = await begun(root);
  await until('the start is recorded', () => existsSync(inRun(root, 'iter1', runId, 'receipt/started.json')));
  return runId;
}

/** Waits until the entrypoint has written its pid (or that of a child, in a file of that name). */
export async function pidIn(root: string, runId: string, name = 'pid'): Promise<number> {
  const path = inRun(root, 'iter1', runId, name);
  await until(`a pid stands in ${name}`, () => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'));
  return Number(readFileSync(path, 'utf8'));
}

/** The letter by which proc(5) tells how a process is; null where there is none. */
function stateLetter(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.charAt(text.lastIndexOf(')') + 2);
  } catch {
    return null;
  }
}

/** A zombie is dead: nobody may be there to reap it. */
export function lives(pid: number): boolean {
  return ![null, 'Z'].includes(stateLetter(pid));
}

/** It stands at its AUTOLAB_STOP_AT. */
export function isStopped(pid: number): boolean {
  return stateLetter(pid) === 'T';
}

/** Starts the program and lets it stop at a place that it must reach; `go` lets it continue. */
export async function stoppedAt(
  root: string,
  words: readonly string[],
  place: string,
  env: Readonly<Record<string, string>>,
): Promise<Running & { readonly go: () => void }> {
  const driver = startAutolab(root, words, { env: { ...env, AUTOLAB_STOP_AT: place } });
  const pid = driver.child.pid ?? 0;
  await until(`the driver stops at ${place}`, () => isStopped(pid));
  expect(isStopped(pid)).toBe(true);
  return { ...driver, go: () => process.kill(pid, 'SIGCONT') };
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Processes that carry the run's id in their environment, its supervisor aside; with `root`, of that project's run alone. */
export function processesOf(runId: string, root?: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && lives(Number(name)))
    .filter((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        // Other tests have runs of the same name.
        const ours = root === undefined || environment.includes(`AUTOLAB_RUN_DIR=${root}/`);
        return ours && environment.includes(`AUTOLAB_RUN_ID=${runId}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export async function supervisorOf(root: string, runId: string): Promise<number> {
  const claim = inRun(root, 'iter1', runId, 'receipt/claim');
  await until('a supervisor claims the run', () => existsSync(claim));
  return readJson(root, `experiments/iter1/runs/${runId}/receipt/claim`)['pid'] as number;
}

export function manifestOf(root: string, runId: string): Record<string, any> {
  return readJson(root, `experiments/iter1/runs/${runId}/run_manifest.json`);
}

export function stateOf(root: string): Record<string, any> {
  return readJson(root, '.autolab/state.json');
}

/** Codes of the decisions that state.json remembers. */
export function historyOf(root: string): readonly string[] {
  return (stateOf(root)['history'] as { code: string }[]).map((entry) => entry.code);
}

export function eventsOf(root: string, runId: string): readonly string[] {
  const lines = readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => (JSON.parse(line) as { event: string }).event);
}

export function hasClaim(root: string): boolean {
  return existsSync(join(root, '.autolab/active_run.json'));
}

export interface Expected {
  readonly code: string;
  readonly stage: string;
  readonly attempt: number;
  /** How often the entrypoint was started. */
  readonly starts: number;
}

/** All that must hold of the only run of a project once it is closed, whatever happened on the way. `what` names the case. */
export function expectClosed(root: string, expected: Expected, what: string): void {
  const [runId = '', ...others] = runIds(root);
  expect(others, `${what}: other runs`).toEqual([]);
  expect(startsOf(root, runId), `${what}: starts of the entrypoint`).toBe(expected.starts);
  const manifest = manifestSchema.parse(manifestOf(root, runId));
  expect(manifest.code, `${what}: code`).toBe(expected.code);
  const state = stateOf(root);
  expect(
    {
      stage: state['stage'],
      attempt: state['stage_attempt'],
      last: state['last_run_id'],
      pending: state['pending_run_id'],
    },
    `${what}: state`,
  ).toEqual({ stage: expected.stage, attempt: expected.attempt, last: runId, pending: '' });
  expect(
    historyOf(root).filter((code) => code === expected.code),
    `${what}: decided once`,
  ).toHaveLength(1);
  expect(hasClaim(root), `${what}: the claim`).toBe(false);
  expect(processesOf(runId, root), `${what}: processes left`).toEqual([]);
  expect(
    eventsOf(root, runId).filter((event) => event === 'run.closed'),
    `${what}: closed once`,
  ).toHaveLength(1);
  // A run that was never started may have left nothing, and sha256sum fails on a list without an entry.
  const list = readFileSync(inRun(root, 'iter1', runId, 'artifacts.sha256'), 'utf8');
  if (expected.starts > 0 || list !== '') {
    const sums = spawnSync('sha256sum', ['--strict', '--quiet', '--check', 'artifacts.sha256'], {
      cwd: inRun(root, 'iter1', runId),
      encoding: 'utf8',
    });
    expect([sums.status, sums.stdout + sums.stderr], `${what}: sha256sum --check`).toEqual([0, '']);
  }
  // As `manifest --check` does it, which projection.test.ts runs; here it would be a third of all processes.
  const projection = projectJournal(readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8'));
  const manifestText = readFileSync(inRun(root, 'iter1', runId, 'run_manifest.json'), 'utf8');
  expect('text' in projection ? projection.text : projection.problem, `${what}: manifest --check`).toBe(manifestText);
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error('no error was thrown', { cause: failure });
}

/**
 * Does the cases side by side, two at a time: a machine of two cores is busy, and no more. More of them where they wait.
 * All of them are done; how each of those ended that fail is told.
 */
export async function eachOf<Case>(
  cases: readonly Case[],
  act: (one: Case) => Promise<void>,
  sideBySide = 2,
): Promise<void> {
  const rest = [...cases];
  const failures: Error[] = [];
  const worker = async (): Promise<void> => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift())
      await act(one).catch((failure: unknown) => failures.push(asError(failure)));
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  const [first, ...others] = failures;
  if (others.length > 0) throw new Error(failures.map(String).join('\n'), { cause: first });
  if (first !== undefined) throw first;
}
