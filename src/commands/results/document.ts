import { join } from 'node:path';
import { withBlock } from '../../documents/marked-block.ts';
import { readSource } from '../../documents/source.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { guardPlace } from '../../plan/guard.ts';
import { readDocument } from '../../platform/document.ts';
import { makeFolder, realPathOr, writeFileIfChanged } from '../../platform/files.ts';
import { closedFailure } from '../../project/closed.ts';
import { readGuardDocuments } from '../../project/read.ts';
import type { State } from '../../project/state.ts';
import { positionOf } from '../../run/state-file.ts';
import { hintAtStage } from '../../workflow/choices.ts';
import type { Analysis } from '../../workflow/results/analysis-schema.ts';
import { docsUpdateText, notExtractedLine, RESULTS_MARKS, resultsTable } from '../../workflow/results/results-table.ts';
import { activeRun, moveStage, underLease } from '../move-stage.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from '../result.ts';
import { analysisFile, notExtracted, readAllAnalyses } from './analyses.ts';

/** `autolab document`: brings the table in `docs/results.md` up to date. Everything outside of its marks stays as it is. */

const COMMAND = 'document';
const STAGE = 'update_docs';
const AFTER = 'decide_repeat';
export const RESULTS_PAGE = 'docs/results.md';
const MOST_BYTES = 8 * 1024 * 1024;

function updateFile(iterationId: string): string {
  return `experiments/${iterationId}/docs_update.md`;
}

export function documentResults(root: string): CommandResult {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state, backlog } = documents.value;
  const before = positionOf(state);
  const after = state.stage === STAGE ? { ...before, stage: AFTER, stage_attempt: 0 } : before;
  const { iteration_id, experiment_id, last_run_id: run_id } = state;
  const parts = (at: typeof before): ResultParts => ({ iteration_id, experiment_id, run_id, ...stageKeys(before, at) });
  const refused = (failure: Failure): CommandResult => resultOfFailure(COMMAND, failure, parts(before));
  const against = activeRun(root) ?? notAtStage(state) ?? closedFailure(backlog, state) ?? guardPages(root, state);
  if (against !== null) return refused(against);
  const read = readAllAnalyses(root);
  const incomplete = problemsWith(state, read.analyses) ?? damaged(read.problems);
  if (incomplete !== null) return refused(incomplete);
  const missing = notExtracted(root, read.analyses);
  let changed = false;
  const first = (): Failure | null => {
    const page = writePage(root, resultsTable(read.analyses, '../', missing));
    if (!('changed' in page)) return page;
    const update = docsUpdateText(iteration_id, RESULTS_PAGE, read.analyses, missing);
    const updated = writeFileIfChanged(join(root, updateFile(iteration_id)), update);
    changed = page.changed || updated;
    return null;
  };
  const message = `${RESULTS_PAGE} has ${rowsIn(read.analyses.length)}. ${notExtractedLine(missing)}`.trim();
  const run = run_id === null ? {} : { run: run_id };
  const failed =
    state.stage === STAGE
      ? moveStage(root, { command: COMMAND, from: state, to: after, code: 'ok', message, ...run, first })
      : underLease(root, { command: COMMAND }, first);
  if (failed !== null) return refused(failed);
  return succeed(
    COMMAND,
    { message, hint: hintAtStage(after.stage) },
    {
      ...parts(after),
      details: {
        results_file: RESULTS_PAGE,
        update_file: updateFile(iteration_id),
        rows: read.analyses.length,
        not_extracted: missing.map(({ runId }) => runId),
        changed,
      },
    },
  );
}

function rowsIn(count: number): string {
  return `a row for ${count} ${count === 1 ? 'run' : 'runs'}`;
}

/** After the decision was asked for, the page can still be brought up to date. */
function notAtStage({ stage }: State): Failure | null {
  if (stage === STAGE || stage === AFTER) return null;
  return failureOf('state.wrong_stage', {
    message: `The workflow is at the stage \`${stage}\`, not at \`${STAGE}\`.`,
    hint: hintAtStage(stage),
  });
}

function guardPages(root: string, { iteration_id: iteration }: State): Failure | null {
  return guardPlace(root, RESULTS_PAGE) ?? guardPlace(root, updateFile(iteration));
}

/** The table would lack the very run that the stage is about. */
function problemsWith(
  { iteration_id: iteration, last_run_id: run }: State,
  analyses: readonly Analysis[],
): Failure | null {
  if (run === null || analyses.some((one) => one.iteration_id === iteration && one.run.run_id === run)) return null;
  return failureOf('stage.incomplete', {
    message: `There is no usable ${analysisFile(iteration, run)}.`,
    hint: `Write it again: autolab extract`,
  });
}

function damaged(problems: Failure['problems']): Failure | null {
  if (problems.length === 0) return null;
  const message = 'An analysis cannot be used; it would be missing in the table.';
  return failureOf('results.invalid', {
    message,
    hint: 'Restore it from version control, or write it again: autolab extract RUN',
    problems,
  });
}

function writePage(root: string, content: string): Failure | { readonly changed: boolean } {
  // Through a link inside of the project, not in its place.
  const path = realPathOr(join(root, RESULTS_PAGE));
  const read = readDocument(path, MOST_BYTES);
  if (read.kind !== 'text' && read.kind !== 'missing') {
    const { problems } = readSource(root, RESULTS_PAGE, MOST_BYTES);
    return failureOf('results.invalid', { message: `${RESULTS_PAGE} cannot be edited.`, problems });
  }
  const before = read.kind === 'text' ? read.text : '# Results\n';
  const page = withBlock({ file: RESULTS_PAGE, text: before, content }, RESULTS_MARKS);
  if (!('text' in page))
    return failureOf('results.invalid', {
      message: `The marks in ${RESULTS_PAGE} are damaged.`,
      hint: 'Fix the marks at the line above, or remove both: autolab then adds a new table at the end. Then: autolab document',
      problems: [page],
    });
  makeFolder(join(root, 'docs'));
  const bom = read.kind === 'text' && read.bom ? '\uFEFF' : '';
  return { changed: writeFileIfChanged(path, `${bom}${page.text}`) };
}
