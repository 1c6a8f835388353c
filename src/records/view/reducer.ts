import type { EventName, EventOf } from '../journal-events.ts';
import type { RunState, TaskState } from './state.ts';

/** What a line of this event makes of the run. Pure. */
export type Reducer<Name extends EventName> = (state: RunState, line: EventOf<Name>) => RunState;

/** One for each event. */
export type Reducers = { readonly [Name in EventName]: Reducer<Name> };

/** An event that is evidence for the user, and changes nothing that is decided. */
export const unchanged = (state: RunState): RunState => state;

/** The only task, changed. */
export function withTask(state: RunState, change: (task: TaskState) => TaskState): RunState {
  const [task, ...others] = state.tasks;
  return { ...state, tasks: [change(task), ...others] };
}
