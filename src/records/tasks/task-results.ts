import type { DeclaredArtifact } from '../artifact-match.ts';
import type { ChecksumEntry } from '../checksums.ts';
import type { TaskEnd, TaskResult } from './task-end.ts';
import type { Task } from './task-list.ts';
import { digestsByTask, matchTaskArtifacts, withLackedArtifacts } from './task-outputs.ts';

/** `tasks_result.jsonl`: how each task ended, what it was, and what it left. Pure. */

export interface TaskResultParts {
  /** In the order of their indices. */
  readonly ends: readonly TaskEnd[];
  /** Null if the list is not the one that the journal names. */
  readonly tasks: readonly Task[] | null;
  readonly declared: readonly DeclaredArtifact[];
  /** Of `artifacts.sha256`; null if the outputs are not here, so that nothing can be said about them. */
  readonly outputs: readonly ChecksumEntry[] | null;
  /** Whether all outputs are here: what is not listed is missing. */
  readonly whole: boolean;
  /** Of a file of the run's folder. */
  readonly bytesOf: (path: string) => number;
  /** The run whose outputs the task has; null if it ran here. */
  readonly reusedFrom: (index: number) => string | null;
}

export function composeTaskResults(parts: TaskResultParts): readonly TaskResult[] {
  const { tasks, declared, outputs, whole, bytesOf, reusedFrom } = parts;
  const files = (outputs ?? []).filter(({ kind }) => kind !== 'symlink').map(({ path }) => path);
  const ends =
    outputs !== null && whole ? withLackedArtifacts(parts.ends, matchTaskArtifacts(declared, files)) : parts.ends;
  const digests = digestsByTask(outputs ?? [], bytesOf);
  return ends.map((end) => ({
    ...end,
    params: tasks?.[end.index]?.params ?? {},
    artifacts: digests.get(end.index) ?? null,
    reused_from: reusedFrom(end.index),
  }));
}
