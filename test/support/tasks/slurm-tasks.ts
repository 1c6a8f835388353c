import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TaskResult } from '../../../src/records/tasks/task-end.ts';
import { inRun } from '../autolab.ts';
import { commitAll, keepUntilEnd, read, runIds, until, write } from '../project.ts';
import { manifestOf } from '../runs.ts';
import { ledgerRows, slurm, type SlurmEnv, slurmProject, untilSlurm } from '../slurm-project.ts';

/** Approved experiments with many tasks for a Slurm cluster, and what they left. */

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6, chunk_tasks: 4}\nconfirm: {timeout_seconds: 60}\n';

/** Each start of a task appends a line: its index, and `n` of its parameters. */
const MARK = 'echo "$AUTOLAB_TASK_INDEX $1" >> "$AUTOLAB_RUN_DIR/began"\n';

/** A body: the task waits for a file of its run. */
export const UNTIL_GO = 'until [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.1; done';

/** In a body: ends the task and its element at once, so that no receipt is left. */
export const KILLED_WHOLE = 'kill -KILL "$SLURM_TASK_PID" "$PPID" $$';

export interface TasksOptions {
  readonly count: number;
  /** Lines of `tasks:` in the design besides the grid. */
  readonly more?: readonly string[];
  /** After the mark; `$1` is the number of the task. */
  readonly body?: string;
  readonly compute?: Readonly<Record<string, string | number | boolean>>;
  readonly launchYaml?: string;
  /** Lines of bash. */
  readonly activation?: string;
  /** A repository, with all of this committed. */
  readonly git?: boolean;
  /** Makes the project that gets these tasks: on a cluster here, if it is not said. */
  readonly make?: (options: Parameters<typeof slurmProject>[0]) => string;
}

export function tasksProject(options: TasksOptions): string {
  const {
    count,
    more = [],
    body = '',
    compute = {},
    launchYaml = QUICK,
    activation,
    git = false,
    make = slurmProject,
  } = options;
  const root = make({
    git,
    command: ['bash', 'experiments/iter1/main.sh', '{{task.n}}'],
    entrypoint: `${MARK}${body}\necho '{"accuracy": 1}' > "$AUTOLAB_TASK_DIR/metrics.json"\n`,
    compute: { time: '"00:02:00"', memory: '50M', ...compute },
    launchYaml,
    ...(activation === undefined ? {} : { activation }),
  });
  const file = 'experiments/iter1/design.yaml';
  const values = Array.from({ length: count }, (_, index) => index).join(', ');
  const lines = ['tasks:', `  grid: {n: [${values}]}`, ...more.map((line) => `  ${line}`), ''];
  write(root, file, `${read(root, file)}${lines.join('\n')}`);
  if (git) commitAll(root);
  return root;
}

/** For tests that run at the same time: the folder stays until all have ended. */
export function keptProject(options: TasksOptions): string {
  return keepUntilEnd(tasksProject(options));
}

/** The index of every start. */
export function beganIn(root: string, runId: string): readonly number[] {
  return startsIn(inRun(root, 'iter1', runId, 'began'));
}

/** The same by the file that the tasks append to, wherever it is. */
export function startsIn(file: string): readonly number[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => Number(line.split(' ')[0])).sort((a, b) => a - b);
}

export function endsIn(root: string, runId: string): readonly TaskResult[] {
  return linesIn(root, runId, 'receipt/task_ends.jsonl');
}

/** As they are recorded, whoever has seen their ends. */
export function resultsIn(root: string, runId: string): readonly TaskResult[] {
  return linesIn(root, runId, 'tasks_result.jsonl');
}

function linesIn(root: string, runId: string, file: string): readonly TaskResult[] {
  const text = readFileSync(inRun(root, 'iter1', runId, file), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TaskResult);
}

/** The id of the run, as soon as one of its tasks has begun. */
export async function runOf(root: string): Promise<string> {
  await until('a task has begun', () => runIds(root).some((runId) => beganIn(root, runId).length > 0));
  return runIds(root)[0] ?? '';
}

/** Every task began once, and every array that began is one of the run's, by mark, record, ledger and accounting (X1, X2). */
export async function expectArraysOnce(
  env: SlurmEnv,
  root: string,
  runId: string,
  { count, arrays, what = '' }: { readonly count: number; readonly arrays: number; readonly what?: string },
): Promise<void> {
  expect(beganIn(root, runId), what).toEqual(Array.from({ length: count }, (_, index) => index));
  const jobs = manifestOf(root, runId)['slurm']['jobs'] as { job_id: string; key: string }[];
  const numbers = Array.from({ length: arrays }, (_, index) => String(index));
  expect(
    jobs.map(({ key }) => key.replace(/.*\./, '')),
    what,
  ).toEqual(numbers);
  expect(
    ledgerRows(root).map((row) => /job_id=(\d+)/.exec(row)?.[1]),
    what,
  ).toEqual(jobs.map(({ job_id }) => job_id));
  for (const { job_id, key } of jobs) {
    const argv = ['sacct', '-S', '2000-01-01', '-X', '-n', '-P', '--name', key, '--format=JobID,NodeList'];
    await untilSlurm(`${what}: accounting knows one array called ${key} that began`, () => {
      const begun = slurm(env, argv)
        .trim()
        .split('\n')
        .filter((row) => !/\|(None assigned)?$/.test(row));
      return begun.length > 0 && begun.every((row) => row.startsWith(`${job_id}_`));
    });
  }
  expect(existsSync(join(root, '.autolab/active_run.json')), what).toBe(false);
}
