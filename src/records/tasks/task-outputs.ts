import { sha256 } from '../../platform/ids.ts';
import { type DeclaredArtifact, matchArtifacts } from '../artifact-match.ts';
import type { TaskEnd } from './task-end.ts';
import { TASK_LOGS } from './task-files.ts';

/** Which outputs of a run are which task's: what lies in `tasks/<index>/`. Pure. */

export interface TaskOutput {
  readonly index: number;
  /** Relative to the task's folder. */
  readonly name: string;
}

/** Null for what lies elsewhere in the run's folder. */
export function taskOutputOf(path: string): TaskOutput | null {
  const match = /^tasks\/(0|[1-9]\d{0,5})\/(.+)$/s.exec(path);
  return match === null ? null : { index: Number(match[1]), name: match[2] ?? '' };
}

/** A declared artifact, which is to be in each task's folder. */
export interface TaskMatch {
  readonly pattern: string;
  readonly required: boolean;
  /** Files, of all tasks. */
  readonly matches: number;
  /** The tasks that have one. */
  readonly tasks: ReadonlySet<number>;
}

/** `paths`: of regular files, relative to the run's folder. */
export function matchTaskArtifacts(
  declared: readonly DeclaredArtifact[],
  paths: readonly string[],
): readonly TaskMatch[] {
  const outputs = paths.map(taskOutputOf).filter((output) => output !== null);
  // Thousands of tasks have the same few names.
  const names = [...new Set(outputs.map(({ name }) => name))];
  return matchArtifacts(declared, names).map(({ pattern, required, matches }) => {
    const fitting = new Set(matches.filter((name) => !isTaskLog(name) || pattern.replace(/^(?:\.\/)+/, '') === name));
    const found = outputs.filter(({ name }) => fitting.has(name));
    return { pattern, required, matches: found.length, tasks: new Set(found.map(({ index }) => index)) };
  });
}

/** `name`: in a task's folder. Every task has them: no pattern means them. */
export function isTaskLog(name: string | undefined): boolean {
  return name === TASK_LOGS.stdout || name === TASK_LOGS.stderr;
}

/** Patterns of required artifacts that the task does not have. */
export function lackedBy(matches: readonly TaskMatch[], index: number): readonly string[] {
  return matches.filter(({ required, tasks }) => required && !tasks.has(index)).map(({ pattern }) => pattern);
}

/** A task that completed without a required artifact failed. */
export function withLackedArtifacts<End extends TaskEnd>(
  ends: readonly End[],
  matches: readonly TaskMatch[],
): readonly End[] {
  return ends.map((end) => {
    const lacked = end.state === 'completed' ? lackedBy(matches, end.index) : [];
    if (lacked.length === 0) return end;
    const message = `It completed, but left no ${lacked.join(', no ')}.`;
    return { ...end, state: 'failed', code: 'tasks.artifact_missing', message };
  });
}

/** What stands in `artifacts.sha256` of one task. */
export interface TaskDigest {
  /** Of its lines, in their order: `grep ' tasks/3/' artifacts.sha256 | sha256sum`. */
  readonly sha256: string;
  readonly files: number;
}

/** A line of the list that is about a task; escaped or not, its path begins alike. */
const LINE_OF_TASK = /^(# symlink )?\\?[0-9a-f]{64} [ *]tasks\/(0|[1-9]\d{0,5})\//;

/** By index. `list`: the text of `artifacts.sha256`. */
export function digestsByTask(list: string): ReadonlyMap<number, TaskDigest> {
  const groups = new Map<number, { lines: string; files: number }>();
  // Line by line: of thousands of tasks, a list of all lines takes as much memory as the text.
  for (let start = 0; start < list.length;) {
    const end = list.indexOf('\n', start);
    const line = list.slice(start, end < 0 ? undefined : end);
    start = end < 0 ? list.length : end + 1;
    const match = LINE_OF_TASK.exec(line);
    if (match === null) continue;
    const index = Number(match[2]);
    const group = groups.get(index) ?? { lines: '', files: 0 };
    groups.set(index, group);
    group.lines += `${line}\n`;
    if (match[1] === undefined) group.files += 1;
  }
  return new Map([...groups].map(([index, { lines, files }]) => [index, { sha256: sha256(lines), files }]));
}

/** By index: the bytes of the files in its folder. */
export function bytesByTask(files: readonly string[], bytesOf: (path: string) => number): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const path of files) {
    const index = taskOutputOf(path)?.index;
    if (index !== undefined) sums.set(index, (sums.get(index) ?? 0) + bytesOf(path));
  }
  return sums;
}
