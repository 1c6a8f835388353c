import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../errors/failure.ts';
import { guardPlace } from '../plan/guard.ts';
import { makeFolder, writeFileIfChanged } from '../platform/files.ts';
import { matchExperiment } from '../project/backlog.ts';
import { closedFailure } from '../project/closed.ts';
import { checkRunId } from '../project/ids.ts';
import { type GuardDocuments, type ProjectRead, readGuardDocuments, readProject } from '../project/read.ts';
import type { KnownStage } from '../project/state.ts';
import type { FocusTask, Todo } from '../project/todo.ts';
import { promptPaths } from '../records/paths.ts';
import { findActive } from '../run/claim.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { renderStagePrompt, type StagePromptFacts } from '../workflow/stage-prompt.ts';
import { stageRow } from '../workflow/stages.ts';

/** `autolab render --stage STAGE`: the prompt of a stage that is not the launch. Asks neither git nor a scheduler. */

export interface RenderedPage {
  readonly runId: string | null;
  readonly iterationId: string;
  readonly prompt: string;
  readonly context: string;
  /** Relative to the root; empty if nothing was written. */
  readonly files: readonly string[];
}

export function renderPage(
  root: string,
  stage: Exclude<KnownStage, 'launch'>,
  options: { readonly runId: string | null; readonly write: boolean },
): Result<RenderedPage> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents;
  const { state, backlog } = documents.value;
  const reason = options.runId === null ? null : checkRunId(options.runId);
  if (reason !== null)
    return fail('path.unsafe_id', { message: `${JSON.stringify(options.runId)} cannot be a run id: ${reason}.` });
  // At the end an experiment is closed, and there is nothing to do for it.
  const closed = stage === 'stop' ? null : closedFailure(backlog, state);
  if (closed !== null) return { ok: false, failure: closed };
  const rendered = renderStagePrompt(root, factsOf(root, stage, documents.value, options.runId));
  if (!rendered.ok) return fail('prompt.invalid', { problems: rendered.problems });
  const { text: prompt, context } = rendered;
  const page = {
    runId: options.runId ?? activeOrLast(root, state.last_run_id),
    iterationId: state.iteration_id,
    prompt,
    context,
  };
  if (!options.write) return ok({ ...page, files: [] });
  const paths = promptPaths(stage);
  const files = [paths.rendered, paths.context];
  for (const file of files) {
    const escape = guardPlace(root, file);
    if (escape !== null) return { ok: false, failure: escape };
  }
  makeFolder(dirname(join(root, paths.rendered)));
  writeFileIfChanged(join(root, paths.rendered), prompt);
  writeFileIfChanged(join(root, paths.context), context);
  return ok({ ...page, files });
}

function factsOf(
  root: string,
  stage: KnownStage,
  { state, backlog }: GuardDocuments,
  runId: string | null,
): StagePromptFacts {
  const project = readProject(root, state);
  const match = matchExperiment(backlog, state);
  const experiment = match.kind === 'one' ? match.experiment : null;
  const leaves = stageRow(stage)?.who === 'author';
  return {
    ...{ stage, state, experiment },
    hypothesis: backlog.hypotheses.find(({ id }) => id === experiment?.hypothesis_id) ?? null,
    runId: runId ?? activeOrLast(root, state.last_run_id),
    launchMode: project.draft?.compute.location ?? null,
    tasks: openTasksAt(stage, project.todo),
    missing: leaves ? checkOutputs(root, stage, state) : [],
    findings: findingsOf(project),
  };
}

function activeOrLast(root: string, last: string | null): string | null {
  const active = findActive(root);
  return active.kind === 'one' ? active.run.runId : last;
}

/** A task without a stage belongs to the document's stage. */
function openTasksAt(stage: string, todo: Todo | null): readonly FocusTask[] {
  if (todo === null) return [];
  return todo.focus_tasks
    .filter((task) => task.open && (task.stage ?? todo.stage ?? '').trim().toLowerCase() === stage)
    .map(({ task_id, stage: of, source, text }) => ({ task_id, stage: of, source, text }));
}

function findingsOf({ review }: ProjectRead): readonly string[] {
  return review === null || review.status === 'pass' ? [] : review.blocking_findings;
}
