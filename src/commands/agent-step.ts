import { recoverAgent } from '../agents/recover.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardPlace } from '../plan/guard.ts';
import { monotonicMs } from '../platform/time.ts';
import type { AgentConfig } from '../project/agent-config.ts';
import { type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import type { State } from '../project/state.ts';
import { AGENT_LOGS } from '../run/left-agent.ts';
import { transitionFor, wasCounted } from '../run/outcome.ts';
import { acquireDespiteAgent, type LaunchEnvironment } from '../run/session.ts';
import { positionOf } from '../run/state-file.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { advanceStage } from './advance.ts';
import {
  AGENT_NAME,
  applyVerdict,
  howToDecide,
  noVerdict,
  verdictBefore,
  verdictFileAt,
  withdrawVerdict,
} from './agent-decides.ts';
import { doWithAgent } from './agent-stage.ts';
import { failureOfAgent } from './agent-verdict.ts';
import { moveStage } from './move-stage.ts';
import { renderPage } from './render-stage.ts';
import { type CommandResult, resultOfFailure, stageKeys } from './result.ts';
import { partsInStage, RUN_COMMAND, type StageReport, type StageStep, stoppedStep } from './stage-step.ts';

/** A stage that the agent does; and what a killed call left of one. */

export async function agentStep(
  { env, signal }: { readonly env: LaunchEnvironment; readonly signal: AbortSignal },
  config: AgentConfig,
  { state, backlog }: GuardDocuments,
): Promise<StageStep> {
  const { root } = env;
  const page = renderPage(root, state.stage as Parameters<typeof renderPage>[1], { runId: null, write: false });
  if (!page.ok) return stoppedStep('agent', page.failure, state);
  const before = verdictBefore(root, state);
  env.emit({ type: 'step', step: state.stage, status: 'started', message: 'agent' });
  const done = await doWithAgent({
    env,
    config,
    state,
    backlog,
    prompt: `${page.value.prompt}${howToDecide(state)}`,
    signal,
  });
  const failure = done.ok ? (failureOfAgent(done.value) ?? notDone(root, state, before)) : done.failure;
  const said = verdictBefore(root, state);
  const log = done.ok ? done.value.folder.relative : null;
  env.emit({ type: 'step', step: state.stage, status: failure === null ? 'done' : 'failed', message: log });
  const outside = done.ok ? done.value.record.outside : [];
  const { result, ends } =
    failure === null
      ? await afterSuccess(env, state, log ?? '')
      : { result: afterFailure(root, state, failure, log ?? ''), ends: true };
  const { outcome, code, message } = result;
  if (done.ok && !counts(result)) withdrawVerdict(root, state, { before, said, folder: done.value.folder.path });
  const end = ends || outcome !== 'ok' ? result : null;
  return { report: { who: 'agent', outcome, code, message, log, outside }, end };
}

/** Whether the verdict of an agent has moved the workflow. */
function counts({ outcome, code }: CommandResult): boolean {
  return outcome === 'ok' || code === 'review.rejected';
}

/** The outputs decide, and not the agent. */
function notDone(root: string, state: State, before: string | null): Failure | null {
  const none = noVerdict(root, state, before);
  if (none !== null) return none;
  const problems = checkOutputs(root, state.stage, state);
  if (problems.length === 0) return null;
  return failureOf('agent.not_done', {
    message: `The agent ended, and the stage ${state.stage} is not done.`,
    problems,
  });
}

function afterSuccess({ root, emit }: LaunchEnvironment, state: State, log: string): ReturnType<typeof applyVerdict> {
  if (verdictFileAt(state) !== null) return applyVerdict(root, state, log, emit);
  return Promise.resolve({ result: advanceStage(root, { by: AGENT_NAME }), ends: false });
}

/** The failure is counted as one of a launch is. */
function afterFailure(root: string, state: State, failure: Failure, log: string): CommandResult {
  const before = positionOf(state);
  const transition = transitionFor(failure.code, before);
  const counted = wasCounted(transition);
  const { after, outcome } = transition;
  const { code, message } = failure;
  const own = code.startsWith('agent.') && code !== 'agent.left';
  const failed = own
    ? moveStage(root, {
        command: RUN_COMMAND,
        from: state,
        to: after,
        code,
        message,
        by: AGENT_NAME,
        note: log,
        counted,
      })
    : null;
  if (failed !== null) return resultOfFailure(RUN_COMMAND, failed, partsInStage(state));
  if (!own) return resultOfFailure(RUN_COMMAND, failure, partsInStage(state));
  return resultOfFailure(RUN_COMMAND, failure, {
    ...partsInStage(state),
    ...stageKeys(before, after),
    outcome,
    attempt_counted: counted,
  });
}

/** Before anything else: what a killed call left. Returns null if there is nothing. */
export async function endLeft(
  env: LaunchEnvironment,
): Promise<{ readonly report: StageReport | null; readonly end: CommandResult | null } | null> {
  const escape = guardPlace(env.root, AGENT_LOGS);
  if (escape !== null) return { report: null, end: resultOfFailure(RUN_COMMAND, escape) };
  const leased = acquireDespiteAgent(env, null);
  if (!leased.ok) return { report: null, end: resultOfFailure(RUN_COMMAND, leased.failure) };
  const began = monotonicMs();
  let recovered: Awaited<ReturnType<typeof recoverAgent>>;
  try {
    recovered = await recoverAgent(env.root, leased.value);
  } finally {
    leased.value.release();
  }
  if (recovered === null) return null;
  const { ended, record, folder } = recovered;
  env.emit({
    type: 'note',
    message: `An earlier call was killed while its agent worked (${folder.relative}); ended: ${ended.length === 0 ? 'nothing was left' : ended.join(', ')}.`,
  });
  const failure = failureOfAgent(recovered) ?? interrupted();
  const documents = readGuardDocuments(env.root);
  const end =
    record.code !== 'agent.out_of_scope'
      ? null
      : documents.ok
        ? afterFailure(env.root, documents.value.state, failure, folder.relative)
        : resultOfFailure(RUN_COMMAND, failure);
  const seconds = Math.round(monotonicMs() - began) / 1000;
  const { outcome } = end ?? resultOfFailure(RUN_COMMAND, failure);
  const { code, message } = failure;
  const { stage, outside } = record;
  return { report: { stage, who: 'agent', outcome, code, message, seconds, log: folder.relative, outside }, end };
}

export function interrupted(): Failure {
  return failureOf('interrupted', { message: 'Interrupted before the next stage.', hint: 'Continue: autolab run' });
}
