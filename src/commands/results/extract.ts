import { dirname, join } from 'node:path';
import type { Code } from '../../errors/catalog.ts';
import { fail, type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import { guardPlace } from '../../plan/guard.ts';
import { makeFolder, writeFileIfChanged } from '../../platform/files.ts';
import { sentence, sentences } from '../../platform/sentence.ts';
import { closedFailure } from '../../project/closed.ts';
import { type GuardDocuments, readGuardDocuments } from '../../project/read.ts';
import type { State } from '../../project/state.ts';
import { canonicalFile } from '../../records/canonical.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { consequenceOf, transitionFor, wasCounted } from '../../run/outcome.ts';
import { peekRun } from '../../run/session.ts';
import { positionOf } from '../../run/state-file.ts';
import { hintAtStage, REPEAT_RUN } from '../../workflow/choices.ts';
import { writtenValue } from '../../workflow/results/analysis.ts';
import type { Analysis } from '../../workflow/results/analysis-schema.ts';
import { primaryOf, summaryText, verdictNote } from '../../workflow/results/summary.ts';
import { valueOfWords } from '../../workflow/results/value-of.ts';
import { findRun, type RunName } from '../find-run.ts';
import { activeRun, moveStage, underLease } from '../move-stage.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from '../result.ts';
import { partsOfRun } from '../run-result.ts';
import { analysisFile, isComplete, readAnalyses } from './analyses.ts';
import { type ExtractedRun, extractRun } from './extracted.ts';

/**
 * `autolab extract`: what a run came to, from its record. At the stage `extract_results` it moves the workflow; at a later
 * stage, or for a run that is named, it only writes the analysis again.
 */

const COMMAND = 'extract';
const STAGE = 'extract_results';
const AFTER = 'update_docs';
/** The stages at which the last run is the one that is meant. */
export const STAGES_AFTER_RUN: readonly string[] = [STAGE, AFTER, 'decide_repeat'];

interface Work {
  readonly root: string;
  readonly documents: GuardDocuments;
  readonly view: RunView;
  readonly paths: RunPaths;
  /** Whether the workflow is at this stage, and waits for this run. */
  readonly isStage: boolean;
}

/** `name`: `RUN` or `ITERATION/RUN`; null for the last run of the current experiment. */
export function extractResults(root: string, name: string | null): CommandResult {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state } = documents.value;
  const at = stageKeys(state, positionOf(state));
  const chosen = chooseRun(root, state, name);
  if (!chosen.ok) return resultOfFailure(COMMAND, chosen.failure, at);
  const { iterationId: iteration_id, runId: run_id } = chosen.value;
  const refused = (failure: Failure): CommandResult =>
    resultOfFailure(COMMAND, failure, { ...at, iteration_id, run_id });
  const active = activeRun(root);
  if (active !== null) return refused(active);
  const run = completedRun(root, chosen.value, state);
  if (!run.ok) return refused(run.failure);
  const against =
    closedFailure(documents.value.backlog, run.value.view.opened) ?? guardResults(root, iteration_id, run_id);
  if (against !== null) return refused(against);
  const work: Work = {
    root,
    documents: documents.value,
    ...run.value,
    isStage: name === null && state.stage === STAGE,
  };
  const extracted = extractRun(root, documents.value, run.value);
  return extracted.ok ? writeResults(work, extracted.value) : failedExtraction(work, extracted.failure);
}

function chooseRun(root: string, state: State, name: string | null): Result<RunName> {
  if (name !== null) return findRun(root, name);
  if (!STAGES_AFTER_RUN.includes(state.stage))
    return fail('state.wrong_stage', {
      message: `The workflow is at the stage \`${state.stage}\`, not at \`${STAGE}\`.`,
      hint: `${hintAtStage(state.stage)}. For a recorded run: autolab extract RUN`,
    });
  if (state.last_run_id === null)
    return fail('run.not_found', { message: 'The state names no run.', hint: 'List the runs: autolab runs --all' });
  return ok({ iterationId: state.iteration_id, runId: state.last_run_id });
}

/** A run that completed, or that a reviewer passed. */
function completedRun(root: string, run: RunName, state: State): Result<Pick<Work, 'view' | 'paths'>> {
  const peek = peekRun(root, run);
  if (peek.kind === 'corrupt') return { ok: false, failure: peek.failure };
  if (peek.kind === 'unopened') return fail('run.not_found', { message: `The run ${run.runId} has no record.` });
  const { view, paths } = peek;
  const isPassed =
    STAGES_AFTER_RUN.includes(state.stage) && state.last_run_id === run.runId && state.iteration_id === run.iterationId;
  if (view.closed !== null && (isComplete(view.closed.code) || isPassed)) return ok({ view, paths });
  const how = view.closed === null ? 'is not closed' : `ended with ${view.closed.code}`;
  return fail('run.not_completed', { message: `The run ${run.runId} ${how}, so it has no results.` });
}

function summaryFile(iterationId: string): string {
  return `experiments/${iterationId}/summary.md`;
}

function guardResults(root: string, iterationId: string, runId: string): Failure | null {
  for (const place of [analysisFile(iterationId, runId), summaryFile(iterationId)]) {
    const escape = guardPlace(root, place);
    if (escape !== null) return escape;
  }
  return null;
}

/** The analysis first: the summary is made from all that are there. Harmless to repeat. */
function writeBoth(root: string, analysis: Analysis): Failure | null {
  const { iteration_id: iterationId, run } = analysis;
  const path = join(root, analysisFile(iterationId, run.run_id));
  makeFolder(dirname(path));
  writeFileIfChanged(path, canonicalFile(analysis));
  const { analyses, problems } = readAnalyses(root, iterationId);
  if (problems.length > 0) return failureOf('results.invalid', { problems });
  writeFileIfChanged(join(root, summaryFile(iterationId)), summaryText(iterationId, analyses));
  return null;
}

function writeResults(work: Work, extracted: ExtractedRun): CommandResult {
  const { root, view, isStage, documents } = work;
  const { analysis } = extracted;
  const { state } = documents;
  const before = positionOf(state);
  const after = isStage ? { ...before, stage: AFTER, stage_attempt: 0 } : before;
  const found = wordsOf(analysis);
  const first = (): Failure | null => writeBoth(root, analysis);
  const failed = isStage
    ? moveStage(root, {
        command: COMMAND,
        from: state,
        to: after,
        code: 'ok',
        message: found,
        run: analysis.run.run_id,
        first,
      })
    : underLease(root, { command: COMMAND }, first);
  const parts: ResultParts = { ...partsOfRun(view), ...stageKeys(before, after) };
  if (failed !== null) return resultOfFailure(COMMAND, failed, { ...parts, ...stageKeys(before, before) });
  const { iteration_id: iterationId, run } = analysis;
  return succeed(
    COMMAND,
    { message: found, hint: isStage ? hintAtStage(AFTER) : stayingHint(state, run.run_id) },
    {
      ...parts,
      problems: extracted.problems,
      recommendations: extracted.recommendations,
      details: {
        analysis,
        analysis_file: analysisFile(iterationId, run.run_id),
        summary_file: summaryFile(iterationId),
      },
    },
  );
}

/** The stage was not moved. */
function stayingHint({ stage, last_run_id: last }: State, runId: string): string {
  if (stage === STAGE && last === runId) return 'To continue the workflow with this run: autolab extract';
  return stage === AFTER || stage === 'decide_repeat' ? 'Update the table of results: autolab document' : '';
}

/** Pure. */
function wordsOf(analysis: Analysis): string {
  const { run, target } = analysis;
  const primary = primaryOf(analysis);
  const of = analysis.tasks === null ? '' : ` (${valueOfWords(analysis.tasks)})`;
  const value = primary === null ? '' : `${primary.name} is ${writtenValue(primary)}${of}, `;
  return sentence(`${run.run_id}: ${value}${verdictNote(analysis)}${target === null ? '' : ` (${target.reason})`}`);
}

/**
 * Metrics that cannot be read are a failure of the experiment. It costs one attempt for each run: a second look at the same
 * run, after the design was corrected, costs none.
 */
function failedExtraction(work: Work, failure: Failure): CommandResult {
  const { root, view, isStage, documents } = work;
  const { state } = documents;
  const before = positionOf(state);
  const told = { ...failure, hint: hintFor(failure, view) };
  const parts: ResultParts = { ...partsOfRun(view), ...stageKeys(before, before) };
  if (!isStage || !failure.code.startsWith('metrics.')) return resultOfFailure(COMMAND, told, parts);
  const runId = view.opened.run_id;
  const transition = wasCountedBefore(state, runId) ? null : transitionFor(failure.code, before);
  const after = transition?.after ?? before;
  const counted = transition !== null && wasCounted(transition);
  const failed = moveStage(root, {
    ...{ command: COMMAND, from: state, to: after, code: failure.code, message: failure.message },
    ...{ counted, run: runId },
  });
  if (failed !== null) return resultOfFailure(COMMAND, failed, parts);
  const usedUp = after.stage === 'human_review';
  return resultOfFailure(COMMAND, told, {
    ...parts,
    ...stageKeys(before, after),
    outcome: transition?.outcome ?? consequenceOf(failure.code).outcome,
    ...(usedUp ? { hint: sentences(told.hint, hintAtStage('human_review')) } : {}),
    attempt_counted: counted,
  });
}

function wasCountedBefore({ history }: State, runId: string): boolean {
  return history.some((entry) => {
    const known = entry as { run_id?: unknown; code?: unknown; attempt_counted?: unknown } | null;
    return known?.run_id === runId && known.attempt_counted === true && String(known.code).startsWith('metrics.');
  });
}

function hintFor({ code, hint }: { readonly code: Code; readonly hint: string }, { opened }: RunView): string {
  const design = `experiments/${opened.iteration_id}/design.yaml`;
  if (code === 'metrics.changed') return `Restore the file, then: autolab extract. Or repeat the run: ${REPEAT_RUN}`;
  if (!code.startsWith('metrics.')) return hint;
  return `If the name is wrong, correct \`metrics\` in ${design}, then: autolab extract. If the run is wrong: ${REPEAT_RUN}`;
}
