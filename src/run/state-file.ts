import { join } from 'node:path';
import { readTextOrNull, writeFileIfChanged } from '../platform/files.ts';
import { parseState, patchState, type State } from '../project/state.ts';
import { STATE } from '../records/paths.ts';
import type { PositionData } from '../records/run-data.ts';

/** Writes state.json by compare and set. A change that another process or the user made is never overwritten. */

export interface StateChange {
  readonly iterationId: string;
  readonly before: PositionData;
  readonly after: PositionData;
  readonly patch: Readonly<Record<string, unknown>>;
  /** Whether the change was made already, if the driver died right after it. */
  readonly isDone: (state: State) => boolean;
  readonly history: {
    readonly at: string;
    readonly run_id: string | null;
    readonly code: string;
    readonly attempt_counted: boolean | null;
    readonly [key: string]: unknown;
  };
}

/** Returns null if the file is as expected, else its actual state in words. */
export function changeState(root: string, change: StateChange): string | null {
  const path = join(root, STATE);
  const text = readTextOrNull(path);
  const state = text === null ? null : parseState(text, STATE).value;
  if (text === null || state === null) return `${STATE} cannot be read`;
  // The change was made before, and the workflow has continued since: a review, or the next stage.
  if (remembers(state, change.history)) return null;
  if (state.iteration_id === change.iterationId && isAt(state, change.after) && change.isDone(state)) return null;
  if (state.iteration_id !== change.iterationId || !isAt(state, change.before)) {
    return `${STATE} is at iteration ${state.iteration_id}, stage ${state.stage}, attempt ${state.stage_attempt}`;
  }
  const { stage, stage_attempt } = change.after;
  const entry = repeatsLast(state, change.history) ? undefined : change.history;
  writeFileIfChanged(path, patchState(text, { stage, stage_attempt, ...change.patch }, entry));
  return null;
}

/**
 * Failures that are not counted have no limit: a caller that tries every minute must not fill the file with one entry.
 */
function repeatsLast(state: State, entry: StateChange['history']): boolean {
  if (entry.attempt_counted !== false) return false;
  const last = state.history.at(-1) as Partial<StateChange['history']> | null | undefined;
  return last?.attempt_counted === false && last.code === entry.code && last.run_id === entry.run_id;
}

/** Whether the history has this entry; by its time, its run and its code. */
function remembers(state: State, { at, run_id: runId, code }: StateChange['history']): boolean {
  return state.history.some((entry) => {
    const known = entry as { at?: unknown; run_id?: unknown; code?: unknown } | null;
    return known?.at === at && known.run_id === runId && known.code === code;
  });
}

export function isAt(state: Pick<State, 'stage' | 'stage_attempt'>, position: PositionData): boolean {
  return state.stage === position.stage && state.stage_attempt === position.stage_attempt;
}

export function positionOf(state: State): PositionData {
  return { stage: state.stage, stage_attempt: state.stage_attempt, max_stage_attempts: state.max_stage_attempts };
}

/** Notes the active run, so that readers of the state find it. Harmless to repeat. */
export function notePending(root: string, runId: string): void {
  const path = join(root, STATE);
  const text = readTextOrNull(path);
  const state = text === null ? null : parseState(text, STATE).value;
  if (text === null || state === null || state.pending_run_id === runId) return;
  writeFileIfChanged(path, patchState(text, { pending_run_id: runId }));
}

/** The noted run will never start: readers must not wait for its id. Harmless to repeat. */
export function clearPending(root: string, runId: string): void {
  const path = join(root, STATE);
  const text = readTextOrNull(path);
  const state = text === null ? null : parseState(text, STATE).value;
  if (text === null || state?.pending_run_id !== runId) return;
  writeFileIfChanged(path, patchState(text, { pending_run_id: '' }));
}
