import { runPaths } from '../../records/paths.ts';
import { abortSignal, callback, maybeCount, maybeText } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { partsOfRun } from '../run-result.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { watchRun } from '../watch/watch-run.ts';
import type { WatchedRun } from '../watch/watched-run.ts';

export type { WatchedRun } from '../watch/watched-run.ts';

export interface WatchOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** The task whose log is shown, by its index. Default: null, those that failed. */
  readonly task?: number | null;
  /** Gets the run as it is, at most twice a second. If it returns a promise, the next look waits for it. */
  readonly onEvent?: (event: WatchEvent) => unknown;
  /** Ends the call; the run continues. */
  readonly signal?: AbortSignal;
}

/** The run at one moment. */
export interface WatchEvent {
  readonly type: 'watch';
  readonly run: WatchedRun;
}

export type WatchResult = VerbResult;

const WAIT = 'Wait for its end: autolab cancel';
const FOLLOW = 'Watch it again: autolab watch. Stop it: autolab cancel';

/** Ends when the run is closed. Reads files; asks a scheduler only while no driver does, once a minute. */
export const watch: Verb<WatchOptions, ProjectRoot, WatchEvent> = {
  name: 'watch',
  options: { run: maybeText, task: maybeCount, onEvent: callback, signal: abortSignal },
  perform: async ({ root }, options, emit) => {
    const found = findRun(root, options.run ?? null);
    if (!found.ok) return resultOfFailure('watch', found.failure);
    const run = found.value;
    const signal = options.signal ?? new AbortController().signal;
    const end = await watchRun({
      root,
      run,
      task: options.task ?? null,
      signal,
      give: (seen) => emit({ type: 'watch', run: seen }),
    });
    const ids = {
      run_id: run.runId,
      iteration_id: run.iterationId,
      run_dir: runPaths(root, run.iterationId, run.runId).relative,
    };
    if (end !== null && 'code' in end) return resultOfFailure('watch', end, ids);
    const parts = end === null ? ids : partsOfRun(end);
    if (end !== null && end.closed === null && end.cancel !== null)
      return succeed('watch', { message: `The run ${run.runId} is being stopped.`, hint: WAIT }, parts);
    if (end === null || end.closed === null)
      return succeed('watch', { message: `The run ${run.runId} continues.`, hint: FOLLOW }, parts);
    const { code, message, hint } = end.closed;
    return succeed('watch', { message: `The run ${run.runId} has ended (${code}): ${message}`, hint }, parts);
  },
};
