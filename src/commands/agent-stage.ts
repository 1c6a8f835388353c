import { join, relative } from 'node:path';
import type { AgentDone } from '../agents/run-agent.ts';
import { runAgent } from '../agents/run-agent.ts';
import { DEFAULT_EDIT_SCOPE, filesOfEntrypoint, type ScopeOf, withIteration } from '../agents/scope.ts';
import { findTree, linkedExperiments, type Tree } from '../agents/tree.ts';
import { ok, type Result } from '../errors/failure.ts';
import { guardPlace } from '../plan/guard.ts';
import { realPathOr } from '../platform/files.ts';
import type { AgentConfig } from '../project/agent-config.ts';
import { type Backlog, isClosed } from '../project/backlog.ts';
import { DEFAULT_LAUNCH_CONFIG } from '../project/launch-config.ts';
import { readProject } from '../project/read.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import type { State } from '../project/state.ts';
import { AGENT_LOGS } from '../run/left-agent.ts';
import { acquireLease, type LaunchEnvironment } from '../run/session.ts';
import { verdictFileAt } from './agent-decides.ts';
import { activeRun } from './move-stage.ts';

/** Starts the agent for a stage: with what it may change, and alone in the project. */

export interface AgentCall {
  readonly env: LaunchEnvironment;
  readonly config: AgentConfig;
  readonly state: State;
  readonly backlog: Backlog;
  readonly prompt: string;
  readonly signal: AbortSignal;
}

export async function doWithAgent(call: AgentCall): Promise<Result<AgentDone>> {
  const { env } = call;
  const { root } = env;
  const escape = guardPlace(root, AGENT_LOGS);
  if (escape !== null) return { ok: false, failure: escape };
  const leased = acquireLease(env, null);
  if (!leased.ok) return leased;
  try {
    const active = activeRun(root);
    if (active !== null) return { ok: false, failure: active };
    const task = await taskOf(call);
    return task.ok ? await runAgent(task.value, leased.value) : task;
  } finally {
    leased.value.release();
  }
}

async function taskOf({
  env,
  config,
  state,
  backlog,
  prompt,
  signal,
}: AgentCall): Promise<Result<Parameters<typeof runAgent>[0]>> {
  const { root, emit } = env;
  const tree = await findTree(root, (readLaunchConfig(root) ?? DEFAULT_LAUNCH_CONFIG).code);
  if (!tree.ok) return tree;
  return ok({
    root,
    stage: state.stage,
    iterationId: state.iteration_id,
    experimentId: state.experiment_id,
    argv: config.command,
    timeoutSeconds: config.timeoutSeconds,
    prompt,
    tree: tree.value,
    scope: scopeAt(root, tree.value, { config, state, backlog }),
    signal,
    onProgress: (seconds, line) => {
      emit({ type: 'progress', step: state.stage, elapsed_seconds: seconds, last_line: line });
    },
  });
}

function scopeAt(
  root: string,
  { base, prefix }: Tree,
  { config, state, backlog }: Pick<AgentCall, 'config' | 'state' | 'backlog'>,
): ScopeOf {
  const id = state.iteration_id;
  const verdict = verdictFileAt(state);
  const design = readProject(root, state).draft;
  const given = config.editScope ?? [
    ...DEFAULT_EDIT_SCOPE,
    ...(design === null ? [] : filesOfEntrypoint(design.entrypoint)),
  ];
  const editable = given.map((pattern) => withIteration(pattern, id));
  const own = withIteration('experiments/{{iteration_id}}', id);
  const real = withIteration('{{iteration_id}}', realFolder(root, id));
  const closed = backlog.experiments.flatMap(({ status, iteration_id: iteration }) =>
    isClosed(status) && iteration !== null && iteration !== id
      ? [`experiments/${iteration}`, realFolder(root, iteration)]
      : [],
  );
  return {
    prefix,
    editable: [
      ...editable,
      ...editable.flatMap((pattern) => (pattern.startsWith(`${own}/`) ? [`${real}${pattern.slice(own.length)}`] : [])),
    ],
    linked: linkedExperiments(base, prefix),
    closed: [...new Set(closed)].filter((folder) => !folder.startsWith('..')),
    decides: verdict === null ? null : verdict.replace(`experiments/${id}/`, () => `${realFolder(root, id)}/`),
  };
}

/** Of an experiment, relative to the project; it may lie behind a link. */
function realFolder(root: string, iterationId: string): string {
  const real = realPathOr(root);
  return relative(real, realPathOr(join(real, 'experiments', iterationId)));
}
