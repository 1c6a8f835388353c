import { join } from 'node:path';
import { fail, type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import { guardPlace } from '../../plan/guard.ts';
import { writeFileIfChanged } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { matchExperiment } from '../../project/backlog.ts';
import { closeExperiment } from '../../project/backlog-edit.ts';
import { closedFailure } from '../../project/closed.ts';
import { type GuardDocuments, readGuardDocuments } from '../../project/read.ts';
import type { State } from '../../project/state.ts';
import { canonicalFile } from '../../records/canonical.ts';
import { BACKLOG } from '../../records/paths.ts';
import { positionOf } from '../../run/state-file.ts';
import { hintAtStage } from '../../workflow/choices.ts';
import type { DecisionRecord, RepeatStage, ResultDecision } from '../../workflow/results/decision-schema.ts';
import { positionToFocus } from '../focus.ts';
import { activeRun, moveStage, type StageMove, switchExperiment } from '../move-stage.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from '../result.ts';
import { readAnalyses } from './analyses.ts';
import { decisionFile, repeatsBefore } from './decision-file.ts';
import { STAGES_AFTER_RUN } from './extract.ts';
import { openOthers, repeatsLeft, suggestionFor } from './suggestion.ts';

/** `autolab decide`: whether an experiment is repeated, another one is next, or the work on it ends. A reviewer's decision. */

const COMMAND = 'decide';

export interface Deciding {
  readonly decision: ResultDecision;
  /** Of `repeat`. */
  readonly at: RepeatStage;
  /** Of `next`; null for the next one of the backlog. */
  readonly id: string | null;
  readonly by: string;
  readonly note: string;
}

interface Decided {
  readonly root: string;
  readonly documents: GuardDocuments;
  readonly options: Deciding;
}

type Position = Parameters<typeof stageKeys>[1] & Pick<State, 'iteration_id' | 'experiment_id'>;

export function decideResults(root: string, options: Deciding): CommandResult {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state } = documents.value;
  const decided: Decided = { root, documents: documents.value, options };
  const against = activeRun(root) ?? notNow(state) ?? guardDecision(decided);
  if (against !== null) return resultOfFailure(COMMAND, against, partsAt(state, state));
  if (options.decision === 'next') return decideNext(decided);
  return options.decision === 'stop' ? decideStop(decided) : decideRepeat(decided);
}

/** As soon as a run has ended: what extract cannot read may be a reason to repeat it. */
function notNow({ stage }: State): Failure | null {
  if (STAGES_AFTER_RUN.includes(stage)) return null;
  return failureOf(stage === 'human_review' ? 'state.human_review' : 'state.wrong_stage', {
    message: `The workflow is at the stage \`${stage}\`, not at \`decide_repeat\`.`,
    hint: hintAtStage(stage),
  });
}

/** A closed experiment is not touched any more; only the end of its workflow can still be noted. */
function guardDecision({ root, documents, options }: Decided): Failure | null {
  const { state, backlog } = documents;
  const match = matchExperiment(backlog, state);
  if (match.kind === 'none') return failureOf('backlog.no_match', { message: `${match.message}.` });
  if (match.kind === 'several') return failureOf('backlog.several_matches', { message: `${match.message}.` });
  const closed = options.decision === 'stop' ? null : closedFailure(backlog, state);
  return closed ?? guardPlace(root, decisionFile(state.iteration_id)) ?? guardPlace(root, BACKLOG);
}

function recordOf(
  { root, documents, options }: Decided,
  after: Pick<DecisionRecord, 'stage_after' | 'next_experiment'>,
): DecisionRecord {
  const { state, backlog } = documents;
  const { iteration_id, experiment_id, last_run_id: run_id, stage: stage_before } = state;
  const { decision, by, note } = options;
  const suggestion = suggestionFor(root, backlog, state);
  const analysis = readAnalyses(root, iteration_id).analyses.find(({ run }) => run.run_id === run_id);
  return {
    schema_version: '1.0',
    ...{ iteration_id, experiment_id, run_id, decision, by, note, stage_before },
    decided_at: now(),
    ...after,
    repeats: repeatsBefore(root, state) + (decision === 'repeat' ? 1 : 0),
    verdict: analysis?.verdict ?? null,
    suggested: suggestion === null ? null : { decision: suggestion.decision, reasons: [...suggestion.reasons] },
  };
}

function writeDecision(root: string, record: DecisionRecord): void {
  writeFileIfChanged(join(root, decisionFile(record.iteration_id)), canonicalFile(record));
}

function moveOf({ documents, options }: Decided, message: string): Omit<StageMove, 'to'> {
  const { state } = documents;
  const { decision, by, note } = options;
  const run = state.last_run_id === null ? {} : { run: state.last_run_id };
  return { command: `${COMMAND} ${decision}`, from: state, code: 'ok', message, by, note, ...run };
}

function decideRepeat(decided: Decided): CommandResult {
  const { root, documents, options } = decided;
  const { state } = documents;
  const usedUp = repeatsLeft(root, state) === 0;
  const stage = usedUp ? 'human_review' : options.at;
  const after = { ...positionOf(state), stage, stage_attempt: usedUp ? state.stage_attempt : 0 };
  const record = recordOf(decided, { stage_after: stage, next_experiment: null });
  const most = String(state.max_total_iterations);
  const message = usedUp
    ? `${options.by} decided: repeat. That would be iteration ${record.repeats + 1} of at most ${most}; a reviewer must decide.`
    : `${options.by} decided: repeat. The workflow continues at ${stage}.`;
  const code = usedUp ? 'repeat.used_up' : 'ok';
  const first = (): null => {
    writeDecision(root, record);
    return null;
  };
  const failed = moveStage(root, { ...moveOf(decided, message), to: after, code, first });
  if (failed !== null) return resultOfFailure(COMMAND, failed, partsAt(state, state));
  const parts = { ...partsAt(state, { ...state, ...after }), details: detailsOf(record) };
  if (usedUp) return resultOfFailure(COMMAND, failureOf(code, { message }), { ...parts, attempt_counted: null });
  return succeed(COMMAND, { message, hint: hintAtStage(stage) }, parts);
}

/** The decision, then the entry of the backlog, then the state: a call that was killed is completed by the same call. */
function decideStop(decided: Decided): CommandResult {
  const { root, documents, options } = decided;
  const { state, backlog } = documents;
  const after = { ...positionOf(state), stage: 'stop', stage_attempt: 0 };
  const record = recordOf(decided, { stage_after: 'stop', next_experiment: null });
  const isClosed = closedFailure(backlog, state) !== null;
  const message = `${options.by} decided: stop. The work on ${state.experiment_id || state.iteration_id} has ended.`;
  const first = (): Failure | null => {
    const edited = closedBacklog(root, state);
    if (!edited.ok) return edited.failure;
    if (!isClosed) writeDecision(root, record);
    writeFileIfChanged(join(root, BACKLOG), edited.value);
    return null;
  };
  const failed = moveStage(root, { ...moveOf(decided, message), to: after, first });
  if (failed !== null) return resultOfFailure(COMMAND, failed, partsAt(state, state));
  return succeed(
    COMMAND,
    { message, hint: hintAtStage('stop') },
    { ...partsAt(state, { ...state, ...after }), details: detailsOf(record) },
  );
}

/** The text of the backlog with the experiment closed. */
function closedBacklog(root: string, state: State): Result<string> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents;
  const { backlog, backlogText } = documents.value;
  const match = matchExperiment(backlog, state);
  if (match.kind !== 'one') return fail('backlog.no_match', { message: `${match.message}.` });
  const edited = closeExperiment(backlogText, match.experiment.id);
  return 'text' in edited ? ok(edited.text) : fail('backlog.invalid', { problems: [edited] });
}

function decideNext(decided: Decided): CommandResult {
  const { root, documents, options } = decided;
  const { state, backlog } = documents;
  const refused = (failure: Failure): CommandResult => resultOfFailure(COMMAND, failure, partsAt(state, state));
  const id = options.id ?? openOthers(backlog, state)[0];
  if (id === undefined) return refused(failureOf('backlog.none_open'));
  const position = positionToFocus(root, documents, id);
  if (!position.ok) return refused(position.failure);
  const to = position.value;
  const { experiment_id: next, iteration_id: iteration, stage } = to;
  if (next === state.experiment_id && iteration === state.iteration_id)
    return refused(
      failureOf('usage', {
        message: `${next} is the current experiment.`,
        hint: `To repeat it: autolab decide repeat --by WHO --note TEXT`,
      }),
    );
  const record = recordOf(decided, { stage_after: stage, next_experiment: next });
  const message = `${options.by} decided: next. The current experiment is ${next} now, at ${stage}.`;
  const first = (): null => {
    writeDecision(root, record);
    return null;
  };
  const failed = switchExperiment(root, { ...moveOf(decided, message), to, first });
  if (failed !== null) return refused(failed);
  return succeed(
    COMMAND,
    { message, hint: hintAtStage(stage) },
    { ...partsAt(state, { ...state, ...to }), details: detailsOf(record) },
  );
}

function partsAt(before: State, after: Position): ResultParts {
  const { iteration_id, experiment_id } = after;
  return { iteration_id, experiment_id, run_id: before.last_run_id, ...stageKeys(before, after) };
}

function detailsOf(record: DecisionRecord): Readonly<Record<string, unknown>> {
  return {
    decision: record,
    decision_file: decisionFile(record.iteration_id),
  };
}
