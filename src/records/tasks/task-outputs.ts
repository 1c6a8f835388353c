import { sha256 } from '../../platform/ids.ts';
import { type DeclaredArtifact, matchArtifacts } from '../artifact-match.ts';
import { type ChecksumEntry, formatChecksums } from '../checksums.ts';
import type { TaskEnd, TaskResult } from './task-end.ts';
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

/** By index: what stands in `artifacts.sha256` of each task. `bytesOf`: of a file. */
export function digestsByTask(
  outputs: readonly ChecksumEntry[],
  bytesOf: (path: string) => number,
): ReadonlyMap<number, NonNullable<TaskResult['artifacts']>> {
  const groups = new Map<number, ChecksumEntry[]>();
  for (const entry of outputs) {
    const index = taskOutputOf(entry.path)?.index;
    if (index === undefined) continue;
    const group = groups.get(index);
    if (group === undefined) groups.set(index, [entry]);
    else group.push(entry);
  }
  return new Map([...groups].map(([index, entries]) => [index, digestOfTask(entries, bytesOf)]));
}

/** The digest is that of its lines in the list, in their order: `grep ' tasks/3/' artifacts.sha256 | sha256sum`. */
function digestOfTask(
  entries: readonly ChecksumEntry[],
  bytesOf: (path: string) => number,
): NonNullable<TaskResult['artifacts']> {
  const files = entries.filter(({ kind }) => kind !== 'symlink');
  return {
    sha256: sha256(formatChecksums(entries)),
    files: files.length,
    bytes: files.reduce((sum, { path }) => sum + bytesOf(path), 0),
  };
}
