import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Code } from '../../../src/errors/catalog.ts';
import { sha256 } from '../../../src/platform/ids.ts';
import { formatChecksums } from '../../../src/records/checksums.ts';
import { parseJournal } from '../../../src/records/journal.ts';
import type { Manifest } from '../../../src/records/manifest-schema.ts';
import { type RunPaths, runPaths } from '../../../src/records/paths.ts';
import { projectManifestText } from '../../../src/records/projection.ts';
import type { OpenedData, TasksOrder } from '../../../src/records/run-data.ts';
import { replay, type RunView } from '../../../src/records/run-view.ts';
import {
  formatTaskLines,
  type TaskEnd,
  type TaskEndState,
  type TaskResult,
} from '../../../src/records/tasks/task-end.ts';
import {
  taskClaimName,
  taskExitName,
  taskFolder,
  taskPaths,
  taskStartedName,
} from '../../../src/records/tasks/task-files.ts';
import { formatTaskList, parameterRanges } from '../../../src/records/tasks/task-list.ts';
import { tasksResult } from '../../../src/records/tasks/task-summary.ts';
import { judgeTasks } from '../../../src/run/tasks/verdict.ts';
import { AT, type JournalLine, journalOf, OPENED, outcomeOf } from '../finished-run.ts';

/** Records of runs with many tasks, written by hand as the launcher leaves them: nothing ran. */

export interface MadeTask {
  readonly params: Readonly<Record<string, string>>;
  /** Default: `completed`. */
  readonly state?: TaskEndState;
  readonly code?: Code;
  readonly message?: string;
  /** The text of `metrics.json`, or its values; null for none. Default: null. */
  readonly metrics?: Readonly<Record<string, unknown>> | string | null;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly end?: Partial<TaskEnd>;
}

export interface TasksRun {
  /** Default: `r1`. */
  readonly runId?: string;
  readonly metrics?: NonNullable<Manifest['metrics']>;
  readonly order?: Partial<TasksOrder>;
  readonly opened?: Partial<OpenedData>;
  /** Without an end: the run is open, and only receipts say what came of the tasks. Default: true. */
  readonly closed?: boolean;
}

export const TASK_METRICS: NonNullable<Manifest['metrics']> = {
  file: 'metrics.json',
  primary: { name: 'accuracy', mode: 'maximize' },
  others: [],
  baselines: [],
};

/** All combinations, the first name slowest. */
export function gridOf(axes: Readonly<Record<string, readonly string[]>>): readonly Readonly<Record<string, string>>[] {
  return Object.entries(axes).reduce<readonly Readonly<Record<string, string>>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

/** Writes `experiments/iter1/runs/<run>/`: journal, manifest, lists, outputs, logs and receipts. */
export function writeTasksRun(root: string, made: readonly MadeTask[], run: TasksRun = {}): RunPaths {
  const paths = runPaths(root, 'iter1', run.runId ?? 'r1');
  const record = composeTasksRun(made, run);
  const files: readonly (readonly [string, string])[] = [
    [paths.journal, record.journal],
    [paths.manifest, record.manifest],
    [taskPaths(paths).list, record.list],
    ...(run.closed === false
      ? []
      : ([
          [paths.artifacts, record.artifacts],
          [taskPaths(paths).ends, record.ends],
          [taskPaths(paths).results, record.results],
        ] as const)),
    ...record.outputs.map(([path, text]) => [join(paths.folder, path), text] as const),
    ...record.receipts.map(([name, text]) => [join(taskPaths(paths).receipts, name), text] as const),
  ];
  for (const folder of new Set(files.map(([path]) => dirname(path)))) mkdirSync(folder, { recursive: true });
  for (const [path, text] of files) writeFileSync(path, text);
  return paths;
}

export interface ComposedTasksRun {
  readonly view: RunView;
  readonly journal: string;
  readonly manifest: string;
  readonly list: string;
  readonly ends: string;
  readonly results: string;
  readonly artifacts: string;
  /** By path in the run's folder. */
  readonly outputs: readonly (readonly [string, string])[];
  readonly receipts: readonly (readonly [string, string])[];
}

/** The same as texts. */
export function composeTasksRun(made: readonly MadeTask[], run: TasksRun = {}): ComposedTasksRun {
  const tasks = made.map(({ params }, index) => ({ index, params }));
  const list = formatTaskList(tasks);
  const each = made.map(outputsOf);
  const listed = each.map((files) => files.map(([path, text]) => ({ path, sha256: sha256(text) })));
  const artifacts = formatChecksums(listed.flat());
  const ends = made.map(endOf);
  const results = ends.map((end, index): TaskResult => {
    const own = listed[index] ?? [];
    const bytes = (each[index] ?? []).reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
    const digest = { sha256: sha256(formatChecksums(own)), files: own.length, bytes };
    return { ...end, params: made[index]?.params ?? {}, artifacts: digest, reused_from: null };
  });
  const texts = { ends: formatTaskLines(ends), results: formatTaskLines(results) };
  const names = Object.keys(made[0]?.params ?? {});
  const order: TasksOrder = {
    sha256: sha256(list),
    count: made.length,
    parameters: parameterRanges({ names, tasks }),
    ...{ max_parallel: null, max_failures: null, workers: null, time_seconds: null },
    ...run.order,
  };
  const journal = journalOf(linesOf(order, { ends, results, artifacts, files: listed.flat().length }, run));
  const read = parseJournal(journal);
  const view = read.kind === 'corrupt' ? null : replay(read.entries, read.head);
  if (view === null) throw new Error('The journal opens no run.');
  const receipts = made.flatMap((task, index) => receiptsOf(ends[index] ?? endOf(task, index)));
  return {
    view,
    journal,
    manifest: projectManifestText(view),
    list,
    ...texts,
    artifacts,
    outputs: each.flat(),
    receipts,
  };
}

function outputsOf({ metrics = null, stdout = '', stderr = '' }: MadeTask, index: number): [string, string][] {
  const folder = taskFolder(index);
  const text = typeof metrics === 'string' || metrics === null ? metrics : `${JSON.stringify(metrics)}\n`;
  return [
    ...(text === null ? [] : ([[`${folder}/metrics.json`, text]] satisfies [string, string][])),
    [`${folder}/stderr.log`, stderr],
    [`${folder}/stdout.log`, stdout],
  ];
}

const CODES: Readonly<Record<TaskEndState, Code | null>> = {
  completed: null,
  failed: 'local.failed',
  cancelled: 'run.cancelled',
  not_started: 'tasks.not_started',
  end_unknown: 'tasks.end_unknown',
};

function endOf({ state = 'completed', code, message, end }: MadeTask, index: number): TaskEnd {
  const began = state !== 'not_started' && state !== 'cancelled';
  const ended = state === 'completed' || state === 'failed';
  return {
    ...{ index, state, code: code ?? CODES[state] },
    message: state === 'completed' ? null : (message ?? `The task is ${state}.`),
    attempts: began ? 1 : 0,
    owner: began ? 'local' : null,
    node: began ? 'host' : null,
    exit_code: ended ? (state === 'failed' ? 1 : 0) : null,
    signal: null,
    started_at: began ? AT : null,
    ended_at: ended ? AT : null,
    wall_seconds: ended ? 10 + (index % 7) : null,
    cpu_seconds: ended ? 9 + (index % 5) : null,
    max_rss_bytes: ended ? (100 + index) * 1024 * 1024 : null,
    ...end,
  };
}

/** Of what began, and how it ended. */
function receiptsOf(end: TaskEnd): readonly (readonly [string, string])[] {
  const { index, attempts, state } = end;
  if (state === 'cancelled') return [[`cancel.${index}`, '{"at":"","by":"test"}\n']];
  if (attempts === 0) return [];
  const claim = { kind: 'supervisor', node: 'host', claimed_at: AT };
  const exit = {
    ...{ attempt: 0, exit_code: end.exit_code, signal: end.signal, ended_by: null, start_error: null, oom: null },
    ...{ started_at: end.started_at, ended_at: end.ended_at, wall_seconds: end.wall_seconds },
    ...{ cpu_seconds: end.cpu_seconds, max_rss_bytes: end.max_rss_bytes },
  };
  return [
    [taskClaimName(index, 0), `${JSON.stringify(claim)}\n`],
    [taskStartedName(index), '{}\n'],
    ...(end.ended_at === null ? [] : ([[taskExitName(index), `${JSON.stringify(exit)}\n`]] as const)),
  ];
}

interface Ended {
  readonly ends: readonly TaskEnd[];
  readonly results: readonly TaskResult[];
  readonly artifacts: string;
  readonly files: number;
}

function linesOf(order: TasksOrder, ended: Ended, run: TasksRun): readonly JournalLine[] {
  const opened = {
    ...OPENED,
    ...(run.metrics === undefined ? {} : { metrics: run.metrics }),
    ...run.opened,
    tasks: order,
  };
  const started: JournalLine = ['execute', 'run.started', { pid: 1, supervisor_pid: 2, started_at: AT }];
  const begun: readonly JournalLine[] = [['open', 'run.opened', opened], ['execute', 'step.intent', {}], started];
  if (run.closed === false) return begun;
  const verdict = judgeTasks(ended.ends, false);
  const isDone = verdict.code === null;
  const execute = {
    ...{ pid: 1, supervisor_pid: 2, exit_code: isDone ? 0 : 1, signal: null, ended_by: null },
    ...{ evidence: [], leftovers_ended: [], started_at: AT, ended_at: AT, used: null },
    tasks: { ends_sha256: sha256(formatTaskLines(ended.ends)) },
  };
  const record = {
    ...{ sha256: sha256(ended.artifacts), files: ended.files, bytes: 2, seconds: 0, partial: !isDone },
    declared: [],
  };
  const { position } = OPENED;
  const decision = {
    code: verdict.code ?? 'run.completed',
    outcome: isDone ? 'completed' : 'needs_retry',
    status: isDone ? 'completed' : 'failed',
    message: verdict.message,
    hint: isDone ? '' : 'Run the others again: autolab launch --failed-only',
    sync_status: isDone ? 'ok' : 'failed',
    ...{ before: position, after: position, recommendations: [], agent_result: {} },
    attempt_counted: isDone ? null : true,
    tasks: tasksResult(sha256(formatTaskLines(ended.results)), ended.results),
  };
  return [
    ...begun,
    ['execute', 'step.outcome', { ...outcomeOf(execute), ...(isDone ? {} : { status: 'failed', code: verdict.code }) }],
    [isDone ? 'collect' : 'salvage', 'step.outcome', outcomeOf(record)],
    ['close', 'run.closed', decision],
  ];
}
