import { sha256 } from '../platform/ids.ts';
import { canonicalLine } from '../records/canonical.ts';
import type { TasksOrder } from '../records/run-data.ts';
import { parseTaskEnds, parseTaskResults, type TaskResult } from '../records/tasks/task-end.ts';
import { parseTaskList, type Task } from '../records/tasks/task-list.ts';
import { digestsByTask } from '../records/tasks/task-outputs.ts';
import { tasksResult } from '../records/tasks/task-summary.ts';
import { counted, failed, passed, skipped, type Verifier } from './results.ts';
import type { FileText, TaskLists, VerifySnapshot } from './snapshot.ts';

/**
 * The lists of a run with many tasks: the tasks are those that were decided before the launch, and the results are those
 * that the close summed up: one line a task, with the digest of what it left.
 */
export const verifyTasks: Verifier = (snapshot) => {
  const order = snapshot.journal.opened?.tasks;
  const facts = snapshot.tasks;
  if (order === undefined || facts === null) return skipped('The run has one task.');
  const details = [
    ...listProblems(facts.list, order),
    ...reusedProblems(facts.reused, order),
    ...endsProblems(snapshot, facts, order),
    ...resultsProblems(snapshot, facts, order),
  ];
  const words = counted(order.count, 'task');
  if (details.length > 0) return failed(`The lists of the ${words} are not what the journal says.`, details);
  return passed(snapshot.journal.tasks_result === null ? `${words} as approved.` : `${words} with their results.`);
};

/** The text, or what is wrong with it. */
function textOf(
  { path, text, problem }: FileText,
  digest: string,
): { readonly text: string } | { readonly wrong: string } {
  if (text === null) return { wrong: `${path}: ${problem ?? ''}` };
  return sha256(text) === digest ? { text } : { wrong: `${path}: it does not have the digest that the journal gives` };
}

function listProblems(list: FileText, order: TasksOrder): readonly string[] {
  const read = textOf(list, order.sha256);
  if ('wrong' in read) return [read.wrong];
  return countProblem(list.path, parseTaskList(read.text), order);
}

/** Null if the list is not the run's. */
function knownTasks(list: FileText, order: TasksOrder): readonly Task[] | null {
  const read = textOf(list, order.sha256);
  return 'text' in read ? parseTaskList(read.text) : null;
}

function countProblem(path: string, lines: readonly unknown[] | null, { count }: TasksOrder): readonly string[] {
  if (lines === null) return [`${path}: not one line a task, in the order of their indices`];
  return lines.length === count ? [] : [`${path}: ${lines.length} lines for ${count} tasks`];
}

function reusedProblems(reused: FileText, { reuse }: TasksOrder): readonly string[] {
  const read = reuse === undefined ? null : textOf(reused, reuse.sha256);
  return read !== null && 'wrong' in read ? [read.wrong] : [];
}

function endsProblems({ journal }: VerifySnapshot, { ends }: TaskLists, order: TasksOrder): readonly string[] {
  if (journal.task_ends === null) return [];
  const read = textOf(ends, journal.task_ends);
  if ('wrong' in read) return [read.wrong];
  return countProblem(ends.path, parseTaskEnds(read.text), order);
}

function resultsProblems(snapshot: VerifySnapshot, facts: TaskLists, order: TasksOrder): readonly string[] {
  const { closed, tasks_result: summary } = snapshot.journal;
  const { path } = facts.results;
  if (summary === null) return closed ? [`${snapshot.journal.path}: run.closed says nothing of the tasks`] : [];
  const read = textOf(facts.results, summary.sha256);
  if ('wrong' in read) return [read.wrong];
  const results = parseTaskResults(read.text);
  if (results?.length !== order.count) return countProblem(path, results, order);
  const differs = canonicalLine(tasksResult(summary.sha256, results)) !== canonicalLine(summary);
  return [
    ...(differs ? [`${path}: its tasks are not those that the journal sums up`] : []),
    ...parameterProblems(path, results, knownTasks(facts.list, order)),
    ...outputProblems(path, results, snapshot),
  ];
}

/** Nothing is compared with a list that is gone: that is reported already. */
function parameterProblems(path: string, results: readonly TaskResult[], tasks: readonly Task[] | null) {
  return results
    .filter(({ index, params }) => tasks !== null && !isEqual(params, tasks[index]?.params ?? {}))
    .map(({ index }) => `${path}:${index + 1}:1: its parameters are not those of the task`);
}

/** The digests are those of the lines in `artifacts.sha256`, which `artifact_digests` compares with the files. */
function outputProblems(path: string, results: readonly TaskResult[], { artifact_sums }: VerifySnapshot) {
  const digests = digestsByTask(artifact_sums.text ?? '');
  return results
    .filter(({ index, artifacts }) => (artifacts?.sha256 ?? null) !== (digests.get(index)?.sha256 ?? null))
    .map(({ index }) => `${path}:${index + 1}:1: its outputs are not those in ${artifact_sums.path}`);
}

function isEqual(one: TaskResult['params'], other: TaskResult['params']): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
