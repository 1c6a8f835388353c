import { type Failure, failureOf } from '../errors/failure.ts';
import type { LaunchEvent } from '../events/events.ts';
import { monotonicMs } from '../platform/time.ts';
import { AGENT_FILE, type AgentConfig } from '../project/agent-config.ts';
import { closedFailure } from '../project/closed.ts';
import { type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import { readAgentConfig } from '../project/read-agent-config.ts';
import type { State } from '../project/state.ts';
import type { LaunchEnvironment } from '../run/session.ts';
import { hintAtStage, unknownStage } from '../workflow/choices.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { commandOfStage, stageRow, type Who } from '../workflow/stages.ts';
import { agentStep, endLeft, interrupted } from './agent-step.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';
import { partsInStage, RUN_COMMAND, type StageReport, type StageStep, stoppedStep } from './stage-step.ts';

/** `autolab run`: every stage that needs no person, one after another. */

/** How the stages are done that autolab does itself. */
export type OwnStages = Readonly<Record<string, () => Promise<CommandResult>>>;

export interface StagesEnvironment {
  readonly env: LaunchEnvironment;
  /** Ends the agent. */
  readonly signal: AbortSignal;
  readonly own: OwnStages;
}

export async function runStages(run: StagesEnvironment, until: string | null): Promise<CommandResult> {
  const { root, emit } = run.env;
  const reports: StageReport[] = [];
  const finish = (result: CommandResult): CommandResult => ({
    ...result,
    command: RUN_COMMAND,
    details: { stages: reports, next_command: nextCommand(root, result) },
  });
  const left = await endLeft(run.env);
  if (left !== null) {
    if (left.report !== null) reports.push(left.report);
    if (left.end !== null) return finish(left.end);
  }
  const config = readAgentConfig(root);
  if (!config.ok) return finish(resultOfFailure(RUN_COMMAND, config.failure));
  for (;;) {
    const documents = readGuardDocuments(root);
    if (!documents.ok) return finish(resultOfFailure(RUN_COMMAND, documents.failure));
    const { state } = documents.value;
    if (state.stage === until) return finish(reached(state));
    if (run.signal.aborted) return finish(resultOfFailure(RUN_COMMAND, interrupted(), partsInStage(state)));
    const began = monotonicMs();
    const step = await doStage(run, config.value, documents.value);
    const seconds = Math.round(monotonicMs() - began) / 1000;
    reports.push({ stage: state.stage, ...step.report, seconds });
    if (step.end !== null) return finish(step.end);
    emit(doneEvent(state.stage, step));
  }
}

function doneEvent(stage: string, { report: { who } }: StageStep): LaunchEvent {
  return { type: 'note', message: `${stage}: done by ${who === 'agent' ? 'the agent' : who}` };
}

async function doStage(
  run: StagesEnvironment,
  config: AgentConfig | null,
  documents: GuardDocuments,
): Promise<StageStep> {
  const { state, backlog } = documents;
  const row = stageRow(state.stage);
  if (row === null)
    return stoppedStep(
      'author',
      failureOf('state.wrong_stage', {
        message: `autolab does not know the stage \`${state.stage}\`.`,
        hint: unknownStage(state.stage),
      }),
      state,
    );
  const own = run.own[state.stage];
  if (own !== undefined) return ownStep(await own());
  if (state.stage === 'stop') return waits(state, row.who, 'The work on this experiment has ended.');
  if (state.stage === 'human_review') return stoppedStep('reviewer', failureOf('state.human_review'), state);
  if (config !== null && config.stages.some((stage) => stage === state.stage)) {
    const closed = closedFailure(backlog, state);
    return closed === null ? agentStep(run, config, documents) : stoppedStep('agent', closed, state);
  }
  if (row.who === 'reviewer') return waits(state, row.who, `The stage ${state.stage} is the reviewer's.`);
  return stoppedStep(row.who, waitsForAuthor(run.env.root, state, config), state);
}

function ownStep(result: CommandResult): StageStep {
  const { outcome, code, message } = result;
  const report = { who: 'autolab', outcome, code, message, log: null, outside: [] } as const;
  return { report, end: outcome === 'completed' || outcome === 'ok' ? null : result };
}

/** It is somebody else's turn, and nothing failed. */
function waits(state: State, who: Who, message: string): StageStep {
  const result = succeed(RUN_COMMAND, { message, hint: hintAtStage(state.stage) }, partsInStage(state));
  return { report: { who, outcome: 'ok', code: 'ok', message, log: null, outside: [] }, end: result };
}

function waitsForAuthor(root: string, state: State, config: AgentConfig | null): Failure {
  const problems = checkOutputs(root, state.stage, state);
  const why = config === null ? `there is no ${AGENT_FILE}` : `${AGENT_FILE} does not list it under \`stages\``;
  return failureOf('stage.incomplete', {
    message: `The stage ${state.stage} is the author's: ${why}.`,
    hint: hintAtStage(state.stage),
    problems,
  });
}

function reached(state: State): CommandResult {
  const { stage } = state;
  return succeed(
    RUN_COMMAND,
    { message: `The workflow is at the stage ${stage}.`, hint: hintAtStage(stage) },
    partsInStage(state),
  );
}

function nextCommand(root: string, { code, stage_after: after }: CommandResult): string | null {
  if (code === 'interrupted') return 'autolab run';
  const documents = readGuardDocuments(root);
  const stage = documents.ok ? documents.value.state.stage : after;
  if (stage === null) return null;
  return code.startsWith('agent.') && stageRow(stage)?.who === 'author' ? 'autolab run' : commandOfStage(stage);
}
