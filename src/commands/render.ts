import { writePrompt } from '../engine/steps/render-prompt.ts';
import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { judgeGate } from '../plan/gate.ts';
import { guardProject } from '../plan/guard.ts';
import { judgeLaunch } from '../plan/judge.ts';
import { type Look, lookForLaunch } from '../plan/look.ts';
import { type PlannedTasks, plannedTasks } from '../plan/planned-tasks.ts';
import { leadsOutside } from '../platform/files.ts';
import { newRunId } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { checkRunId } from '../project/ids.ts';
import { PROMPT_CONTEXT, PROMPT_RENDERED } from '../records/paths.ts';
import { withhold } from '../records/withheld.ts';
import { findActive } from '../run/claim.ts';

/** `autolab render`: the prompt as a launch would render it now, gate results included, without launching. */

export interface RenderedStage {
  readonly runId: string;
  readonly iterationId: string;
  readonly prompt: string;
  readonly context: string;
  /** Relative to the root; empty if nothing was written. */
  readonly files: readonly string[];
  /** What a launch would be refused for now; null if nothing stands against it. */
  readonly gate: Failure | null;
  /** Null if the run has one task, without parameters, or a launch would be refused. */
  readonly tasks: PlannedTasks | null;
}

export async function renderStage(
  root: string,
  options: { readonly runId: string | null; readonly write: boolean },
): Promise<Result<RenderedStage>> {
  const guarded = guardProject(root);
  if (!guarded.ok) return guarded;
  const { state } = guarded.value;
  const runId = options.runId ?? activeRunId(root) ?? state.pending_run_id ?? newRunId(now());
  const reason = checkRunId(runId);
  if (reason !== null)
    return fail('path.unsafe_id', { message: `${JSON.stringify(runId)} cannot be a run id: ${reason}.` });
  const look = await lookForLaunch(root, guarded.value, null);
  const { prompt, objections, problems, opened } = await judgeLaunch(root, look, { runId, allowOpenTodo: false });
  const gate = judgeGate(objections, problems);
  const unresolved = look.detection.record.mode === null ? unresolvedHost(look, problems) : null;
  if (unresolved !== null) return { ok: false, failure: unresolved };
  if (!prompt.ok) return fail('prompt.invalid', { problems, ...(gate === null ? {} : { message: gate.message }) });
  const files = options.write ? [PROMPT_RENDERED, PROMPT_CONTEXT] : [];
  for (const file of files) if (leadsOutside(root, `${root}/${file}`) !== null) return fail('path.escapes');
  if (options.write) writePrompt(root, prompt.text, prompt.context);
  const tasks = opened === null ? null : plannedTasks(root, withhold(opened).opened, look.tasks.list);
  const { text, context } = prompt;
  return ok({ runId, iterationId: state.iteration_id, prompt: text, context, files, gate, tasks });
}

function activeRunId(root: string): string | null {
  const active = findActive(root);
  return active.kind === 'one' ? active.run.runId : null;
}

/** A prompt names the mode of the launch. */
function unresolvedHost({ host, detection }: Look, problems: readonly Problem[]): Failure {
  const [unreached] = host.objections;
  const { code, message } = unreached ?? detection.failure ?? failureOf('host.unresolved');
  return failureOf(code, { message, problems });
}
