import type { DeclaredArtifact } from '../artifact-match.ts';
import { parseChecksums } from '../checksums.ts';
import type { TaskEnd, TaskResult } from './task-end.ts';
import type { Task } from './task-list.ts';
import { bytesByTask, digestsByTask, matchTaskArtifacts, withLackedArtifacts } from './task-outputs.ts';

/** `tasks_result.jsonl`: how each task ended, what it was, and what it left. Pure. */

export interface TaskResultParts {
  /** In the order of their indices. */
  readonly ends: readonly TaskEnd[];
  /** Null if the list is not the one that the journal names. */
  readonly tasks: readonly Task[] | null;
  readonly declared: readonly DeclaredArtifact[];
  /** The text of `artifacts.sha256`; null if the outputs are not here, so that nothing can be said about them. */
  readonly outputs: string | null;
  /** Whether all outputs are here: what is not listed is missing. */
  readonly whole: boolean;
  /** Of a file of the run's folder. */
  readonly bytesOf: (path: string) => number;
  /** The run whose outputs the task has; null if it ran here. */
  readonly reusedFrom: (index: number) => string | null;
}

export function composeTaskResults(parts: TaskResultParts): readonly TaskResult[] {
  const { tasks, declared, bytesOf, reusedFrom } = parts;
  const list = parts.outputs ?? '';
  const entries = parseChecksums(list, 'artifacts.sha256').value;
  const files = (entries ?? []).filter(({ kind }) => kind !== 'symlink').map(({ path }) => path);
  const isWhole = parts.outputs !== null && entries !== null && parts.whole;
  const ends = isWhole ? withLackedArtifacts(parts.ends, matchTaskArtifacts(declared, files)) : parts.ends;
  const [digests, bytes] = [digestsByTask(list), bytesByTask(files, bytesOf)];
  return ends.map((end) => {
    const digest = digests.get(end.index);
    return {
      ...end,
      params: tasks?.[end.index]?.params ?? {},
      artifacts: digest === undefined ? null : { ...digest, bytes: bytes.get(end.index) ?? 0 },
      reused_from: reusedFrom(end.index),
    };
  });
}
