import { writePrompt } from '../engine/steps/render-prompt.ts';
import { failureOf, ok, type Result } from '../errors/failure.ts';
import { guardProject } from '../plan/guard.ts';
import { lookForLaunch } from '../plan/look.ts';
import { objectionsTo } from '../plan/objections.ts';
import { renderLaunchPrompt } from '../plan/prompt.ts';
import { leadsOutside } from '../platform/files.ts';
import { newRunId } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { checkRunId } from '../project/ids.ts';
import { PROMPT_CONTEXT, PROMPT_RENDERED } from '../records/paths.ts';
import { findActive } from '../run/claim.ts';

/** `autolab render`: the prompt as a launch would render it now, gate results included, without launching. */

export interface RenderedStage {
  readonly runId: string;
  readonly iterationId: string;
  readonly prompt: string;
  readonly context: string;
  /** Relative to the root; empty if nothing was written. */
  readonly files: readonly string[];
}

export async function renderStage(
  root: string,
  options: { readonly runId: string | null; readonly write: boolean },
): Promise<Result<RenderedStage>> {
  const guarded = guardProject(root);
  if (!guarded.ok) return guarded;
  const { state, experiment } = guarded.value;
  const active = findActive(root);
  const runId =
    options.runId ?? (active.kind === 'one' ? active.run.runId : null) ?? state.pending_run_id ?? newRunId(now());
  const reason = checkRunId(runId);
  if (reason !== null)
    return {
      ok: false,
      failure: failureOf('path.unsafe_id', { message: `${JSON.stringify(runId)} cannot be a run id: ${reason}.` }),
    };
  const look = await lookForLaunch(root, guarded.value, null);
  const { detection, openTodo } = look;
  const { mode } = detection.record;
  if (mode === null) {
    const [unreached] = look.host.objections;
    const failure =
      unreached === undefined ? detection.failure : failureOf(unreached.code, { message: unreached.message });
    return { ok: false, failure: failure ?? failureOf('host.unresolved') };
  }
  const rendered = renderLaunchPrompt(root, {
    state,
    experimentId: experiment.id,
    runId,
    mode,
    host: detection.record,
    openTodo,
    objections: objectionsTo(look, { openTodo: false }),
  });
  if (!rendered.ok) return { ok: false, failure: failureOf('prompt.invalid', { problems: rendered.problems }) };
  const files = options.write ? [PROMPT_RENDERED, PROMPT_CONTEXT] : [];
  for (const file of files)
    if (leadsOutside(root, `${root}/${file}`) !== null) return { ok: false, failure: failureOf('path.escapes') };
  if (options.write) writePrompt(root, rendered.text, rendered.context);
  return ok({ runId, iterationId: state.iteration_id, prompt: rendered.text, context: rendered.context, files });
}
