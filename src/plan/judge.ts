import { type Problem, whereOf } from '../errors/problem.ts';
import type { Executor } from '../executors/executor.ts';
import { besides } from '../platform/listing.ts';
import { now } from '../platform/time.ts';
import { activationFor } from '../project/environment.ts';
import type { HostRecord } from '../records/manifest-schema.ts';
import type { OpenedData, RemoteOrder } from '../records/run-data.ts';
import type { Objection } from '../run/objection.ts';
import { composeRun, type Decided } from './compose.ts';
import { environmentSet } from './environment-set.ts';
import type { Look } from './look.ts';
import { objectionsTo, problemsOf } from './objections.ts';
import type { ChosenProfile } from './profile.ts';
import { type RenderedPrompt, renderLaunchPrompt } from './prompt.ts';
import { commandRecord, type JudgedScript, judgeScript, type ScriptFacts, wholeInputs } from './script.ts';

/**
 * The one gate of launch, dry run, `render` and `doctor`: everything against a launch at once. What cannot be judged
 * because something before it cannot be read is left out; everything else is said. Reads, and writes nothing.
 */
export interface Judged {
  readonly objections: readonly Objection[];
  /** Of all documents, the prompt and the script. */
  readonly problems: readonly Problem[];
  readonly prompt: RenderedPrompt;
  /** What would be launched; null if something against it was found. */
  readonly opened: OpenedData | null;
  /** About what would be launched, for the user; they are among its warnings, too. */
  readonly notes: readonly string[];
}

export interface JudgeOptions {
  readonly runId: string;
  readonly allowOpenTodo: boolean;
}

export async function judgeLaunch(root: string, look: Look, options: JudgeOptions): Promise<Judged> {
  const { script, facts, objections: ofScript } = await scriptOf(root, look, options.runId);
  const early = [
    ...objectionsTo(look, { openTodo: options.allowOpenTodo }),
    ...ofScript,
    ...activationObjections(look),
  ];
  const first = renderFor(root, look, options.runId, early);
  const ofPrompt = promptObjections(first);
  const problems = [...problemsOf(look, early), ...(first.ok ? [] : first.problems), ...script.problems];
  const tried = await tryToCompose(root, look, options, { script, facts, prompt: first, problems });
  const late = tried.objections;
  const objections = [...early, ...ofPrompt, ...late];
  return {
    objections,
    problems: [...problems, ...late.flatMap((objection) => objection.problems ?? [])],
    prompt: late.length === 0 ? first : renderFor(root, look, options.runId, objections),
    opened: objections.length === 0 ? tried.opened : null,
    notes: tried.notes,
  };
}

interface ScriptJudgement {
  readonly script: JudgedScript;
  readonly facts: ScriptFacts;
  readonly objections: readonly Objection[];
}

const NO_SCRIPT: JudgedScript = { script: null, problems: [], objections: [] };

/** The script of the executor that the design asks for; if that cannot be read, of the one that the host has. */
async function scriptOf(root: string, look: Look, runId: string): Promise<ScriptJudgement> {
  const { project, profile, guarded } = look;
  const executor = look.wanted ?? look.executor;
  const { environment, design, draft, limits } = project;
  const activation = environment === null || executor === null ? null : activationFor(environment, executor.kind);
  const facts: ScriptFacts = {
    ...{ iterationId: guarded.state.iteration_id, runId, design, draft, limits },
    activation: activation?.text ?? null,
    python: 'code' in profile || !look.isLaunchHost ? null : profile.python,
  };
  const script = executor === null ? NO_SCRIPT : await judgeScript(root, executor, facts);
  return { script, facts, objections: script.objections };
}

function activationObjections({ project: { environment }, wanted }: Look): readonly Objection[] {
  if (environment === null || wanted === null || activationFor(environment, wanted.kind) !== null) return [];
  return [{ code: 'environment.invalid', message: `docs/environment.md has no activation for ${wanted.kind}.` }];
}

/** If the mode is unknown, the template is checked all the same. */
function renderFor(root: string, look: Look, runId: string, objections: readonly Objection[]): RenderedPrompt {
  const { guarded, detection, openTodo } = look;
  const mode: HostRecord['mode'] = detection.record.mode ?? look.project.draft?.compute.location ?? 'local';
  return renderLaunchPrompt(root, {
    state: guarded.state,
    experimentId: guarded.experiment.id,
    runId,
    mode,
    host: detection.record,
    openTodo,
    objections,
    tasks: look.tasks.list,
  });
}

function promptObjections(prompt: RenderedPrompt): readonly Objection[] {
  if (prompt.ok) return [];
  const [first, ...others] = prompt.problems;
  const what = first === undefined ? '' : ` (${whereOf(first)}: ${first.message}${besides(others.length)})`;
  return [{ code: 'prompt.invalid', message: `The prompt template cannot be rendered${what}.` }];
}

interface Pieces {
  readonly script: JudgedScript;
  readonly facts: ScriptFacts;
  readonly prompt: RenderedPrompt;
  readonly problems: readonly Problem[];
}

interface Tried {
  readonly opened: OpenedData | null;
  readonly objections: readonly Objection[];
  readonly notes: readonly string[];
}

const NOTHING: Tried = { opened: null, objections: [], notes: [] };

/** What a run is composed of; null if a piece is missing. */
function piecesOf(look: Look, { prompt, script: { script }, facts }: Pieces) {
  const { executor, profile, host, isLaunchHost, project } = look;
  const inputs = wholeInputs(facts);
  // With a reason against the host itself, such as a folder that is not there, nothing is known of what it would see.
  const isUsable = isLaunchHost && host.reached && host.objections.length === 0;
  const isAgreed = executor !== null && executor === look.wanted && isUsable;
  if (!isAgreed || script === null || inputs === null || !prompt.ok || 'code' in profile) return null;
  const activation = project.environment === null ? null : activationFor(project.environment, executor.kind);
  return activation === null ? null : { executor, script, inputs, prompt, profile, activation };
}

/** The run as it would be recorded, if every piece of it is there: the executor may object to the whole. */
async function tryToCompose(root: string, look: Look, options: JudgeOptions, pieces: Pieces): Promise<Tried> {
  const found = piecesOf(look, pieces);
  if (found === null) return NOTHING;
  const { executor, inputs, ...parts } = found;
  const { runId } = options;
  const sent = sentTo(look, parts.profile, runId);
  const siteRoot = sent?.root ?? root;
  const plan = await executor.plan({
    root: siteRoot,
    runId,
    script: parts.script.text,
    config: look.project.config,
    design: inputs.design,
    removedVariables: look.host.removed,
    unusedVariables: look.caller.unused,
  });
  if ('code' in plan) return { ...NOTHING, objections: [plan] };
  const { stage, stage_attempt, max_stage_attempts } = look.guarded.state;
  const scratch = executor.scratch(siteRoot, runId);
  const notes = scratch.note === null ? [] : [scratch.note];
  const opened = composeRun({
    ...{ look, runId, plan, siteRoot, ...parts },
    ...(await commandRecordOf(root, executor, { ...inputs, sourced: parts.script.activation !== null })),
    mode: inputs.design.compute.location,
    design: inputs.design,
    remote: sent,
    scratch: parts.profile.scratch ?? scratch.folder,
    environmentSet: environmentSet(look.host, scratch),
    notes,
    problems: pieces.problems,
    position: { stage, stage_attempt, max_stage_attempts },
    allowOpenTodo: options.allowOpenTodo,
    at: now(),
  });
  const late = await executor.objection(root, opened);
  return { opened, objections: late === null ? [] : [late], notes };
}

async function commandRecordOf(
  root: string,
  executor: Executor,
  inputs: NonNullable<ReturnType<typeof wholeInputs>>,
): Promise<Pick<Decided, 'commandRecord'>> {
  const { commandRecord: record } = await executor.loadScript();
  return record === null ? {} : { commandRecord: commandRecord(root, record, inputs) };
}

/** How the run gets to another host; null if it stays on this one. */
function sentTo({ host, code: { lookup } }: Look, { name }: ChosenProfile, runId: string): RemoteOrder | null {
  // A commit is sent whole; files are sent from the top of what is code.
  const prefixes = lookup.kind === 'git' ? lookup : { prefix: '', prefixInRepository: '' };
  return host.orderFor({ name: name ?? '', runId, prefixes });
}
