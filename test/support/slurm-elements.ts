import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSlurmScript } from '../../src/launch-scripts/slurm-script.ts';
import { slurmTasksScript } from '../../src/launch-scripts/tasks/slurm-tasks-script.ts';
import { formatTaskTable } from '../../src/records/tasks/task-table.ts';
import { makeNode, type Node, slurmDesign } from './slurm-scripts.ts';

/** Elements of a job array without a Slurm: a folder in which bash runs their script as a node would. */

export type Params = Readonly<Record<string, string>>;

/** `params`: of each task, all with the same names. */
export function makeElements(params: readonly Params[], graceSeconds = 1): Node {
  const node = makeNode();
  prepareTasks(node.runDir, params, graceSeconds);
  return node;
}

/** What autolab puts beside the script. */
function prepareTasks(runDir: string, params: readonly Params[], graceSeconds = 1): void {
  const names = Object.keys(params[0] ?? {});
  const tasks = params.map((one, index) => ({ index, params: one }));
  mkdirSync(join(runDir, 'receipts'), { recursive: true });
  writeFileSync(join(runDir, 'receipt/tasks.sh'), slurmTasksScript(names, graceSeconds));
  writeFileSync(join(runDir, 'receipt/tasks.table'), formatTaskTable({ names, tasks }));
}

/** The rendered script whose tasks are a command line of bash; more words are its arguments from `$0` on. */
export function tasksScript(
  line: string,
  { activation = '# nothing to activate\n', words = [] as readonly string[] } = {},
): string {
  const tasks = {
    source: { kind: 'list', names: [], rows: [] },
    max_parallel: null,
    max_failures: null,
    workers: null,
    time_seconds: null,
  } as const;
  const design = { ...slurmDesign(['bash', '-c', line, ...words]), tasks };
  return renderSlurmScript({ design, activation, python: 'python3', runId: 'r1' });
}

/** Each start of a task appends a line: index and raw id. */
export const MARK_LINE = 'echo "$AUTOLAB_TASK_INDEX $SLURM_JOB_ID" >> "$AUTOLAB_RUN_DIR/began"';
export const MARK_TASKS = tasksScript(MARK_LINE);

/** The variables of element `number` of an array, whose raw id is another one. */
export function element(number: number, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    SLURM_ARRAY_JOB_ID: '700',
    SLURM_ARRAY_TASK_ID: String(number),
    SLURM_JOB_ID: String(701 + number),
    AUTOLAB_CHUNK_OFFSET: '0',
    AUTOLAB_TASKS: '1',
    ...more,
  };
}

export function worker(
  number: number,
  count: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return element(number, { AUTOLAB_TASK_WORKERS: '1', AUTOLAB_TASK_COUNT: String(count), ...more });
}

/** What began, in order of index. */
export function begunTasks(runDir: string): readonly string[] {
  const file = join(runDir, 'began');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

export function receiptNames(runDir: string): readonly string[] {
  return readdirSync(join(runDir, 'receipts')).sort();
}

export function readTaskReceipt(runDir: string, name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(runDir, 'receipts', name), 'utf8')) as Readonly<Record<string, unknown>>;
}

export function taskLog(runDir: string, index: number, name: 'stdout.log' | 'stderr.log' = 'stdout.log'): string {
  return readFileSync(join(runDir, 'tasks', String(index), name), 'utf8');
}
