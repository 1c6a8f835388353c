import type { EventName, EventOf, OfChunk } from '../journal-events.ts';
import type { ChunkState, RunState } from './state.ts';

/** What a line of this event makes of the run. Pure. */
export type Reducer<Name extends EventName> = (state: RunState, line: EventOf<Name>) => RunState;

/** One for each event. */
export type Reducers = { readonly [Name in EventName]: Reducer<Name> };

/** An event that is evidence for the user, and changes nothing that is decided. */
export const unchanged = (state: RunState): RunState => state;

/** The chunk that a line is about, changed. */
export function withChunk(
  state: RunState,
  { chunk = 0 }: OfChunk,
  change: (chunk: ChunkState) => ChunkState,
): RunState {
  const changed = (one: ChunkState): ChunkState => (one.index === chunk ? change(one) : one);
  const [first, ...others] = state.chunks;
  return { ...state, chunks: [changed(first), ...others.map(changed)] };
}
