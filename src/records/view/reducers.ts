import type { EventName, EventOf } from '../journal-events.ts';
import { CHUNK_EVENTS } from './chunk-events.ts';
import type { Reducers } from './reducer.ts';
import { RUN_EVENTS } from './run-events.ts';
import type { RunState } from './state.ts';
import { STEP_EVENTS } from './step-events.ts';
import { SUBMIT_EVENTS } from './submit-events.ts';

/** Every event has one: the compiler misses what is left out. */
const REDUCERS: Reducers = { ...RUN_EVENTS, ...STEP_EVENTS, ...SUBMIT_EVENTS, ...CHUNK_EVENTS };

/** The state after a line. */
export function next<Name extends EventName>(state: RunState, line: EventOf<Name>): RunState {
  return REDUCERS[line.event](state, line);
}
