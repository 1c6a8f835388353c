import type { LogsResult, RunsResult, TaskListResult, VerbResult } from '../index.ts';

/** What keeps an answer short: it is read by a model, and a client closes the connection on very long messages. Pure. */

const MOST_OF_A_LOG = 64 * 1024;

/** The end of each log, from the beginning of a line on. */
export function boundedLogs(result: LogsResult): LogsResult {
  const { logs } = result;
  if (logs === undefined || logs === null) return result;
  const entries = Object.entries(logs).map(([path, text]) => [path, endOf(text)] as const);
  return { ...result, logs: Object.fromEntries(entries) };
}

export function endOf(text: string, most = MOST_OF_A_LOG): string {
  if (text.length <= most) return text;
  const end = text.slice(-most);
  const line = end.indexOf('\n');
  return line >= 0 && line < most - 1 ? end.slice(line + 1) : end;
}

/** The newest ones; of a sorted list the first ones. */
export function shortList(
  result: RunsResult,
  limit: number,
  isSorted: boolean,
): RunsResult & { readonly omitted?: number } {
  const { runs } = result;
  if (runs === undefined || runs.length <= limit) return result;
  return { ...result, runs: isSorted ? runs.slice(0, limit) : runs.slice(-limit), omitted: runs.length - limit };
}

/** The first ones. */
export function shortTasks(result: TaskListResult, limit: number): TaskListResult & { readonly omitted?: number } {
  const { tasks } = result;
  if (tasks === undefined || tasks.length <= limit) return result;
  return { ...result, tasks: tasks.slice(0, limit), omitted: tasks.length - limit };
}

/** What a reader wants first; the others follow. */
const FIRST = ['outcome', 'code', 'message', 'hint', 'next_tool', 'run_id'];
/** For programs. */
const LEFT_OUT = ['schema_version', 'command'];

/** A result as text: what applies, without what is null or empty. */
export function compactText(result: VerbResult & Readonly<Record<string, unknown>>): string {
  const keys = [...new Set([...FIRST, ...Object.keys(result)])].filter((key) => !LEFT_OUT.includes(key));
  const entries = keys.map((key) => [key, result[key]] as const).filter(([, value]) => !isEmpty(value));
  return JSON.stringify(Object.fromEntries(entries), null, 1);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
