import * as z from 'zod';
import { jsonDocument } from '../documents/json-document.ts';
import { editJson } from '../documents/json-edit.ts';
import { parsed } from '../documents/located.ts';
import { shape, unusedParts } from '../documents/shape.ts';
import type { Parsed } from '../errors/problem.ts';
import { checked, count, line, pathId } from './fields.ts';
import { checkPathId, checkRunId } from './ids.ts';

/** `.autolab/state.json`: the position of the workflow. */

export const STATE_FILE = '.autolab/state.json';

/** The stages that autolab knows. */
export const STAGES = [
  'hypothesis',
  'design',
  'implementation',
  'implementation_review',
  'launch',
  'extract_results',
  'update_docs',
  'decide_repeat',
  'human_review',
  'stop',
] as const;

export type KnownStage = (typeof STAGES)[number];

/** One of `STAGES`, or a stage that only the workflow around autolab knows. */
export type Stage = string;

export interface State {
  readonly iteration_id: string;
  /** '' if the iteration has no experiment yet. */
  readonly experiment_id: string;
  readonly stage: Stage;
  /** Failures counted so far; 0 at first. */
  readonly stage_attempt: number;
  readonly max_stage_attempts: number;
  readonly last_run_id: string | null;
  /** The active run, or the id that a caller requests for the next run. */
  readonly pending_run_id: string | null;
  readonly sync_status: string | null;
  readonly max_total_iterations: number | null;
  readonly history: readonly unknown[];
}

const DEFAULT_MAX_STAGE_ATTEMPTS = 3;

const runId = checked((text) => (text === '' ? null : checkRunId(text)), 'path.unsafe_id').nullish();

const schema = z.object({
  iteration_id: pathId,
  experiment_id: checked((text) => (text === '' ? null : checkPathId(text)), 'path.unsafe_id').nullish(),
  stage: line,
  stage_attempt: count(0, 1_000_000).nullish(),
  max_stage_attempts: count(1, 1_000_000).nullish(),
  last_run_id: runId,
  pending_run_id: runId,
  sync_status: z.string().nullish(),
  max_total_iterations: count(0, 1_000_000_000).nullish(),
  history: z.array(z.unknown()).nullish(),
});

const UNUSED = unusedParts(['/max_total_iterations']);

const EXAMPLES = {
  iteration_id: 'the name of the folder under experiments/, such as "iter1"',
  stage: 'the stage of the workflow, such as "launch"',
};

/** '' and null both mean "not set". */
function set(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Reads the state. Missing counters have defaults: no attempts so far, and at most 3. */
export function parseState(text: string, file: string): Parsed<State> {
  const { value, problems } = shape(jsonDocument(text, file), schema, EXAMPLES, [], UNUSED);
  if (value === null) return parsed<State>(file, null, problems);
  const state: State = {
    iteration_id: value.iteration_id,
    experiment_id: value.experiment_id ?? '',
    stage: value.stage,
    stage_attempt: value.stage_attempt ?? 0,
    max_stage_attempts: value.max_stage_attempts ?? DEFAULT_MAX_STAGE_ATTEMPTS,
    last_run_id: set(value.last_run_id),
    pending_run_id: set(value.pending_run_id),
    sync_status: set(value.sync_status),
    max_total_iterations: value.max_total_iterations ?? null,
    history: value.history ?? [],
  };
  return parsed(file, state, problems);
}

/**
 * The text of the state with some keys set and perhaps one more history entry. Everything else keeps its bytes. @throws
 * if `text` is not a JSON object; parse it first.
 */
export function patchState(
  text: string,
  patch: Readonly<Record<string, unknown>>,
  appendHistory?: Readonly<Record<string, unknown>>,
): string {
  const append = appendHistory === undefined ? undefined : { key: 'history', item: appendHistory };
  const edited = editJson(text, { set: patch, append });
  if (edited === null) throw new Error(`${STATE_FILE} is not a JSON object and cannot be patched`);
  return edited;
}
