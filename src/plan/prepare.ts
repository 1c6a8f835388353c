import { failureOf } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import type { Emit } from '../events/events.ts';
import type { Executor } from '../executors/executor.ts';
import { exists, listNames } from '../platform/files.ts';
import { newRunId, sha256 } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { activationFor } from '../project/environment.ts';
import { checkRunId } from '../project/ids.ts';
import { runPaths } from '../records/paths.ts';
import type { PositionData, RemoteOrder } from '../records/run-data.ts';
import type { Objection } from '../run/objection.ts';
import { composeRun, type Decided } from './compose.ts';
import { judgeGate } from './gate.ts';
import { type Guarded, guardPlace, guardProject, guardStage } from './guard.ts';
import { type Look, lookForLaunch } from './look.ts';
import { objectionsTo, problemsOf } from './objections.ts';
import type { GateFailure, Prepared, PrepareOptions } from './plan.ts';
import type { ChosenProfile } from './profile.ts';
import { renderLaunchPrompt } from './prompt.ts';
import { chooseScript, commandRecord } from './script.ts';

/** guard → read → detect-host → gate. Reads everything, decides everything, writes nothing. */
export async function prepareLaunch(root: string, options: PrepareOptions, emit: Emit): Promise<Prepared> {
  const guarded = guardProject(root);
  if (!guarded.ok) return { kind: 'refused', failure: guarded.failure };
  const staged = guardStage(guarded.value);
  if (!staged.ok) return { kind: 'refused', failure: staged.failure };
  const runId = chooseRunId(root, staged.value, options);
  if ('failure' in runId) return { kind: 'refused', failure: runId.failure };
  return readAndGate(root, staged.value, runId.id, options, emit);
}

/** Whether what the guards looked at is as it was then. */
export function isAsGuarded(root: string, digest: string): boolean {
  const guarded = guardProject(root);
  return guarded.ok && guardDigestOf(guarded.value) === digest;
}

/** Digest of what the guards looked at. */
function guardDigestOf(guarded: Guarded): string {
  return sha256(`${sha256(guarded.stateText)}${sha256(guarded.backlogText)}`);
}

async function readAndGate(
  root: string,
  guarded: Guarded,
  runId: string,
  options: PrepareOptions,
  emit: Emit,
): Promise<Prepared> {
  const look = await lookForLaunch(root, guarded, options.profile);
  if (look.openTodo.length > 0) emit({ type: 'todo', tasks: [...look.openTodo] });
  for (const message of look.host.warnings) emit({ type: 'note', message });
  const gate = gateOf(look, options);
  const prompted = promptFor(root, runId, gate);
  if ('kind' in prompted) return prompted;
  const executor = prompted.executor;
  const scripted = await scriptFor(root, runId, gate, prompted);
  if ('kind' in scripted) return scripted;
  const sent = sentTo(look, prompted.profile, runId);
  const siteRoot = sent?.root ?? root;
  const plan = await executor.plan({
    root: siteRoot,
    runId,
    script: scripted.script.text,
    config: look.project.config,
    design: prompted.design,
    removedVariables: look.host.removed,
    unusedVariables: look.caller.unused,
  });
  if ('code' in plan) return stopAt(gate, [plan]);
  const opened = composeRun({
    look,
    runId,
    ...prompted,
    ...scripted,
    plan,
    remote: sent,
    siteRoot,
    scratch: prompted.profile.scratch ?? executor.scratch(siteRoot, runId),
    problems: gate.problems,
    position: gate.position,
    allowOpenTodo: options.allowOpenTodo,
    at: now(),
  });
  const late = await executor.objection(root, opened);
  if (late !== null) return stopAt(gate, [late]);
  return { kind: 'plan', opened, warnings: gate.problems, guardDigest: gate.guardDigest };
}

interface Gate {
  readonly look: Look;
  readonly objections: readonly Objection[];
  /** Grows while prompt and script are looked at. */
  readonly problems: Problem[];
  readonly position: PositionData;
  readonly guardDigest: string;
}

function gateOf(look: Look, options: PrepareOptions): Gate {
  const { stage, stage_attempt, max_stage_attempts } = look.guarded.state;
  return {
    look,
    objections: objectionsTo(look, { openTodo: options.allowOpenTodo }),
    problems: [...problemsOf(look)],
    position: { stage, stage_attempt, max_stage_attempts },
    guardDigest: guardDigestOf(look.guarded),
  };
}

function stopAt(gate: Gate, more: readonly Objection[] = []): GateFailure {
  const { look, objections, problems, position, guardDigest } = gate;
  return {
    kind: 'gate',
    failure: judgeGate([...objections, ...more], problems) ?? failureOf('internal'),
    position,
    iterationId: look.guarded.state.iteration_id,
    experimentId: look.guarded.experiment.id,
    host: look.detection.record,
    openTodo: look.openTodo,
    guardDigest,
  };
}

type Prompted = Pick<Decided, 'mode' | 'design' | 'profile' | 'activation' | 'prompt'> & {
  readonly executor: Executor;
};

/** The rendered prompt, and what else has to be there by now. */
function promptFor(root: string, runId: string, gate: Gate): Prompted | GateFailure {
  const { look, objections } = gate;
  const { guarded, project, profile, detection, executor, openTodo } = look;
  const { design, environment } = project;
  const { mode } = detection.record;
  if (mode === null || executor === null || design === null || environment === null || 'code' in profile)
    return stopAt(gate);
  const prompt = renderLaunchPrompt(root, {
    state: guarded.state,
    experimentId: guarded.experiment.id,
    runId,
    mode,
    host: detection.record,
    openTodo,
    objections,
  });
  if (!prompt.ok) {
    gate.problems.push(...prompt.problems);
    return stopAt(gate, [{ code: 'prompt.invalid', message: 'The prompt template cannot be rendered.' }]);
  }
  if (objections.length > 0) return stopAt(gate);
  const activation = activationFor(environment, mode);
  if (activation === null) {
    const message = `docs/environment.md has no activation for ${mode}.`;
    return stopAt(gate, [{ code: 'environment.invalid', message }]);
  }
  return { mode, design, profile, activation, prompt, executor };
}

async function scriptFor(
  root: string,
  runId: string,
  gate: Gate,
  { executor, design, profile, activation }: Prompted,
): Promise<Pick<Decided, 'script' | 'commandRecord'> | GateFailure> {
  const { limits } = gate.look.project;
  const inputs = { design, activation: activation.text, python: profile.python, limits, runId };
  const script = await chooseScript(root, executor, inputs);
  gate.problems.push(...script.problems);
  if (script.objections.length > 0) return stopAt(gate, script.objections);
  const { commandRecord: record } = await executor.loadScript();
  return { script, ...(record === null ? {} : { commandRecord: commandRecord(root, record, inputs) }) };
}

/** How the run gets to another host; null if it stays on this one. */
function sentTo({ host, code: { lookup } }: Look, { name }: ChosenProfile, runId: string): RemoteOrder | null {
  // A commit is sent whole; files are sent from the top of what is code.
  const prefixes = lookup.kind === 'git' ? lookup : { prefix: '', prefixInRepository: '' };
  return host.orderFor({ name: name ?? '', runId, prefixes });
}

/** `--run-id`, else what a caller put into state.json, else a new one. Never the id of a run that exists. */
function chooseRunId(
  root: string,
  guarded: Guarded,
  options: PrepareOptions,
): { readonly id: string } | { readonly failure: ReturnType<typeof failureOf> } {
  const { state } = guarded;
  const wanted = options.runId;
  const id = wanted ?? state.pending_run_id ?? newRunId(now());
  const source = wanted !== null ? '--run-id' : 'pending_run_id in .autolab/state.json';
  const reason = checkRunId(id);
  if (reason !== null)
    return {
      failure: failureOf('path.unsafe_id', {
        message: `${source} ${JSON.stringify(id)} cannot be a run id: ${reason}.`,
      }),
    };
  const paths = runPaths(root, state.iteration_id, id);
  const escape = guardPlace(root, paths.relative);
  if (escape !== null) return { failure: escape };
  if (options.adopt !== true && exists(paths.folder) && listNames(paths.folder).length > 0) {
    return {
      failure: failureOf('run.exists', { message: `The run ${id} (${source}) exists already: ${paths.relative}.` }),
    };
  }
  return { id };
}
