import { sha256 } from '../platform/ids.ts';
import { parseTaskEnds, parseTaskResults, type TaskEnd, type TaskResult } from '../records/tasks/task-end.ts';
import type { JournalFacts, TaskLists } from './snapshot.ts';

/** How the tasks ended: by the results of a closed run, else by what the step that saw their ends wrote down. */
export function knownEnds(facts: TaskLists, journal: JournalFacts): readonly TaskEnd[] | null {
  if (journal.tasks_result !== null) return knownResults(facts, journal);
  const { text } = facts.ends;
  return text === null || sha256(text) !== journal.task_ends ? null : parseTaskEnds(text);
}

/** Null if the run is not closed, or the file is not the one that its last line names. */
function knownResults({ results }: TaskLists, journal: JournalFacts): readonly TaskResult[] | null {
  const { text } = results;
  return text === null || sha256(text) !== journal.tasks_result?.sha256 ? null : parseTaskResults(text);
}
