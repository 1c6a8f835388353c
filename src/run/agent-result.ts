import { join } from 'node:path';
import type { Code } from '../errors/catalog.ts';
import type { Recommendation } from '../errors/failure.ts';
import { readTextOrNull, writeFileIfChanged } from '../platform/files.ts';
import { type JsonObject, parseObject, textOrNull } from '../platform/json-object.ts';
import { sentences } from '../platform/sentence.ts';
import { canonicalFile } from '../records/canonical.ts';
import { AGENT_RESULT, STATE } from '../records/paths.ts';
import type { PositionData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import { TASK_RESULTS_FILE } from '../records/tasks/task-files.ts';
import { TASK_LIST_FILE } from '../records/tasks/task-list.ts';
import { commandOfStage } from '../workflow/stages.ts';

/**
 * `.autolab/agent_result.json`: what autolab says to a program that only reads files. It never says `complete` while a
 * run is open, so it is written before the claim, whenever a driver leaves an open run, and when the run ends.
 */

export type AgentStatus = 'complete' | 'needs_retry' | 'failed';

export interface AgentResult {
  readonly status: AgentStatus;
  readonly summary: string;
  /** Relative to the project root. */
  readonly changed_files: readonly string[];
  readonly completion_token_seen: boolean;
  /** The stage that the result is of. */
  readonly stage: string;
  readonly code: Code;
  readonly run_id: string | null;
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  readonly next_stage: string;
  readonly stage_attempt: number;
  /** Whether the failure cost an attempt; null if it is none. */
  readonly attempt_counted: boolean | null;
  readonly recommendations: readonly Recommendation[];
  /** Whether the run may still change, or be changed. */
  readonly run_open: boolean;
  /** One line for a shell; null at the end, and at a stage of another workflow. What a person fills in is in capitals. */
  readonly next_command: string | null;
  /** How many tasks are in each state; left out if the run has one. */
  readonly tasks?: Readonly<Record<string, number>>;
}

/** The run that a result is about. */
export interface AboutRun {
  readonly runId: string;
  readonly iterationId: string;
  readonly experimentId: string | null;
  readonly position: PositionData;
  readonly changedFiles: readonly string[];
}

/** Why an open run was left. */
export interface LeftBecause {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly counted?: boolean;
  /** Default: `autolab resume`. */
  readonly command?: string;
}

const REVIEW = 'autolab review pass|retry|stop --by WHO --note TEXT';

/** How it was decided that no run is open. */
export interface EndedBecause {
  readonly code: Code;
  readonly summary: string;
  readonly after: PositionData;
  readonly counted: boolean | null;
  readonly recommendations: readonly Recommendation[];
  /** Default: what the stage asks for. */
  readonly command?: string;
  /** Tasks by state. */
  readonly tasks?: Readonly<Record<string, number>>;
}

/** What a stage means to the program that asked for the launch. Pure. */
function agentStatusAt(stage: string): AgentStatus {
  if (stage === 'extract_results') return 'complete';
  return stage === 'human_review' || stage === 'stop' ? 'failed' : 'needs_retry';
}

/** Pure. */
export function resultOfOpenRun(run: AboutRun, { code, message, hint, counted, command }: LeftBecause): AgentResult {
  const { stage, stage_attempt } = run.position;
  return {
    status: stage === 'human_review' ? 'failed' : 'needs_retry',
    summary: sentences(message, hint),
    changed_files: run.changedFiles,
    completion_token_seen: false,
    stage: 'launch',
    code,
    run_id: run.runId,
    iteration_id: run.iterationId,
    experiment_id: run.experimentId,
    next_stage: stage,
    stage_attempt,
    attempt_counted: counted ?? false,
    recommendations: [],
    run_open: true,
    next_command: stage === 'human_review' ? REVIEW : (command ?? 'autolab resume'),
  };
}

/** `run.runId` is null if the gate refused it. Pure. */
export function resultOfEnd(
  run: Omit<AboutRun, 'position' | 'runId'> & { readonly runId: string | null },
  { code, summary, after, counted, recommendations, command, tasks }: EndedBecause,
): AgentResult {
  const status = agentStatusAt(after.stage);
  return {
    status,
    summary,
    changed_files: run.changedFiles,
    completion_token_seen: status === 'complete',
    stage: 'launch',
    code,
    run_id: run.runId,
    iteration_id: run.iterationId,
    experiment_id: run.experimentId,
    next_stage: after.stage,
    stage_attempt: after.stage_attempt,
    attempt_counted: counted,
    recommendations,
    run_open: false,
    next_command: command ?? commandOfStage(after.stage),
    ...(tasks === undefined ? {} : { tasks }),
  };
}

/** What became of a stage that is not a launch. */
export interface StageEnd {
  readonly stage: string;
  readonly failed: boolean;
  readonly code: Code;
  readonly summary: string;
  readonly nextStage: string;
  readonly attempt: number;
  readonly counted: boolean | null;
  readonly ids: Pick<AgentResult, 'iteration_id' | 'experiment_id' | 'run_id'>;
}

/** No run is open. Pure. */
export function resultOfStage({
  stage,
  failed,
  code,
  summary,
  nextStage,
  attempt,
  counted,
  ids,
}: StageEnd): AgentResult {
  return {
    status: failed ? (nextStage === 'human_review' ? 'failed' : 'needs_retry') : 'complete',
    summary,
    changed_files: [AGENT_RESULT, STATE],
    completion_token_seen: !failed,
    stage,
    code,
    ...ids,
    next_stage: nextStage,
    stage_attempt: attempt,
    attempt_counted: counted,
    recommendations: [],
    run_open: false,
    next_command: commandOfStage(nextStage),
  };
}

/** What is true from the claim on, whatever becomes of the driver: `launch` continues a run that was only claimed, too. Pure. */
export function resultOfBegunRun(run: AboutRun): AgentResult {
  return resultOfOpenRun(run, {
    code: 'run.undetermined',
    message: `The run ${run.runId} is open; no autolab process has reported how it is.`,
    hint: 'See: autolab status. Continue it: autolab launch',
    command: 'autolab launch',
  });
}

/** Pure. */
export function aboutRun(view: RunView): AboutRun {
  const { run_id: runId, iteration_id: iterationId, experiment_id: experimentId } = view.opened;
  return { runId, iterationId, experimentId, position: view.position, changedFiles: writesOf(view) };
}

/** Every file that the journal says was written, and those that the close itself writes. Pure. */
export function writesOf(view: RunView): readonly string[] {
  const run = `experiments/${view.opened.iteration_id}/runs/${view.opened.run_id}`;
  const own = [`${run}/journal.jsonl`, `${run}/run_manifest.json`, `${run}/logs/driver.log`, STATE, AGENT_RESULT];
  const lists =
    view.opened.tasks === undefined ? [] : [TASK_LIST_FILE, TASK_RESULTS_FILE].map((name) => `${run}/${name}`);
  const steps = [...view.steps.values()].flatMap((step) => step.outcome?.writes ?? []);
  return [...new Set([...own, ...lists, ...steps])].sort();
}

/** `result`: of this version, or one that a journal keeps. */
export function writeAgentResult(root: string, result: AgentResult | Readonly<Record<string, unknown>>): void {
  writeFileIfChanged(join(root, AGENT_RESULT), canonicalFile(result));
}

/** Of any run, or of this one. */
export function saysComplete(root: string, runId?: string): boolean {
  const result = readAgentResult(root);
  return result?.['status'] === 'complete' && (runId === undefined || result['run_id'] === runId);
}

/** The run that the file calls open; null if it calls none so. */
export function saysOpen(root: string): string | null {
  const result = readAgentResult(root);
  return result?.['run_open'] === true ? textOrNull(result['run_id']) : null;
}

function readAgentResult(root: string): JsonObject | null {
  return parseObject(readTextOrNull(join(root, AGENT_RESULT)));
}
