import type { JournalEntry, JournalHead } from './journal.ts';
import { allOf, eventOf } from './journal-events.ts';
import type { StepResults } from './step-results.ts';
import { chunkView } from './view/chunk-view.ts';
import { next } from './view/reducers.ts';
import { openedState } from './view/run-events.ts';
import type { RunState, RunView } from './view/state.ts';

export type { ChunkView, JobView, RunView } from './view/state.ts';

/** A run as its journal describes it: a fold over the entries, one reducer an event. Pure. */

/** Returns null if the journal does not begin with `run.opened`, as after a crash right after the claim. */
export function replay(entries: readonly JournalEntry[], head: JournalHead): RunView | null {
  const opening = entries[0] === undefined ? null : eventOf(entries[0]);
  if (opening?.event !== 'run.opened') return null;
  let state = openedState(opening);
  for (const entry of entries) {
    const line = eventOf(entry);
    // Versions before and after this one have events of their own: evidence, and nothing to this version.
    if (line !== null) state = next(state, line);
  }
  return complete(state, entries, head);
}

function complete(state: RunState, entries: readonly JournalEntry[], head: JournalHead): RunView {
  const [first, ...others] = state.chunks;
  const chunk = chunkView(first, state);
  const { job, submissions, started, hopeless } = chunk;
  return {
    ...state,
    chunks: [chunk, ...others.map((other) => chunkView(other, state))],
    job,
    submissions,
    started,
    hopeless,
    // Not in the fold: a list that grows with every line would be copied for every line.
    reads: allOf(entries, 'scheduler.read').map(({ at }) => at),
    head,
    lastEpoch: entries.at(-1)?.epoch ?? 0,
  };
}

/** The result of a step that ended well (or, for `execute`, ended at all); null otherwise. */
export function resultOf<Name extends keyof StepResults>(view: RunView, name: Name): StepResults[Name] | null {
  const outcome = view.steps.get(name)?.outcome;
  if (outcome === undefined || outcome === null || outcome.status === 'skipped') return null;
  if (Object.keys(outcome.result).length === 0) return null;
  return outcome.result as StepResults[Name];
}
