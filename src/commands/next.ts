import { hasErrors, problemOfFile } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import { ok, type Result } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { unrecordedRun } from '../executors/table.ts';
import { placed } from '../plan/placed.ts';
import { lookAtTasks } from '../plan/tasks.ts';
import { AGENT_FILE, parseAgentConfig } from '../project/agent-config.ts';
import { isClosed, matchExperiment } from '../project/backlog.ts';
import { closedFailure } from '../project/closed.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import { checkPathId } from '../project/ids.ts';
import {
  designFileOf,
  type GuardDocuments,
  type ProjectRead,
  readGuardDocuments,
  readProject,
  reviewFileOf,
} from '../project/read.ts';
import { reviewVerdict } from '../project/review.ts';
import type { State } from '../project/state.ts';
import { taskFileOf } from '../project/tasks/task-file-path.ts';
import { openLaunchTasks, TODO_FILE } from '../project/todo.ts';
import { findActive } from '../run/claim.ts';
import { lightApprovedDigest } from '../run/light-approval.ts';
import { lightState } from '../run/light-state.ts';
import { leftAgent } from '../run/session.ts';
import { leavesTasks } from '../run/tasks/left-tasks.ts';
import type { Choice } from '../workflow/choices.ts';
import { type AgainstLaunch, type NextStep, type StageFacts, stepAt } from '../workflow/next-step.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { reviewFindings } from '../workflow/review-findings.ts';
import { runToFollow } from './launched-already.ts';
import { stepOfOpenRun } from './next-open-run.ts';
import { suggestionFor } from './results/suggestion.ts';
import { unreadResults } from './results/unread-results.ts';

/** `autolab next`: what the workflow waits for. Reads only; asks neither git nor a scheduler. */

export interface WhatNext extends NextStep {
  readonly stage: string;
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  /** The active run, else the last one. */
  readonly run_id: string | null;
  readonly stage_attempt: number;
  readonly max_stage_attempts: number | null;
  /** What `launch` takes as the approval that it is for; null if nothing is approved. */
  readonly approved_digest: string | null;
  /** What `launch` takes as the run after which another one is wanted; null if this approval was not launched yet. */
  readonly after: string | null;
}

export function whatNext(root: string): Result<WhatNext> {
  const found = ofProject(root);
  const left = leftAgent(root);
  if (left === null) return found;
  const { failure, command } = left;
  if (!found.ok) return { ok: false, failure };
  const step = { message: failure.message, who: 'autolab', next_command: command } as const;
  return ok({ ...found.value, ...step, alternatives: [], problems: [] });
}

function ofProject(root: string): Result<WhatNext> {
  const active = findActive(root);
  const state = lightState(root);
  const documents = active.kind === 'none' || state === null ? readGuardDocuments(root) : null;
  if (documents?.ok === false) return documents;
  const position = documents?.value.state ?? state;
  if (position === null) return readGuardDocuments(root) as Result<never>;
  const about = {
    stage: position.stage,
    iteration_id: position.iteration_id,
    experiment_id: position.experiment_id === '' ? null : position.experiment_id,
    stage_attempt: position.stage_attempt,
    max_stage_attempts: position.max_stage_attempts,
    approved_digest: lightApprovedDigest(root, position.iteration_id),
  };
  if (active.kind !== 'none') {
    const run = active.kind === 'one' ? active.run.runId : null;
    return ok({ ...about, after: null, run_id: run, ...stepOfOpenRun(root, active, position) });
  }
  const step = documents === null ? null : stepWithoutRun(root, documents.value);
  if (step === null) throw new Error('no run is active, and the documents were not read');
  const after = position.stage === 'launch' ? runToFollow(root, about.approved_digest) : null;
  return ok({ ...about, after, run_id: position.last_run_id, ...step });
}

function stepWithoutRun(root: string, documents: GuardDocuments): NextStep {
  const { state, backlog } = documents;
  const living = unrecordedRun(root);
  if (living !== null) {
    const { message } = living.failure;
    return {
      message,
      who: 'reviewer',
      next_command: 'autolab cancel --force --by WHO --note TEXT',
      alternatives: [],
      problems: [],
    };
  }
  const match = matchExperiment(backlog, state);
  const current = match.kind === 'one' ? match.experiment.id : state.experiment_id;
  const unread = unreadResults(root, documents);
  const { problems, against } = inTheWay(root, state);
  const facts: StageFacts = {
    stage: state.stage,
    problems: [...documents.problems, ...problems, ...(unread?.problems ?? [])],
    against,
    unread: unread?.message ?? null,
    noExperiment: match.kind === 'none',
    others: backlog.experiments
      .filter(({ id, status }) => id !== current && !isClosed(status) && checkPathId(id) === null)
      .map(({ id }) => id),
    reopen: closedFailure(backlog, state)?.command ?? null,
    agent: agentDoes(root, state.stage),
    suggested: state.stage === 'decide_repeat' ? suggestedChoice(root, documents) : null,
    ran: state.last_run_id !== null,
    leavesTasks: leavesTasks(state.history, state.last_run_id),
    repeatsUsedUp:
      state.stage === 'human_review' &&
      (state.history.at(-1) as { code?: unknown } | null | undefined)?.code === 'repeat.used_up',
    synced: ['ok', 'completed', 'success'].includes(state.sync_status ?? ''),
  };
  return stepAt(facts);
}

/** What is wrong with the file is for `autolab run` to say. */
function agentDoes(root: string, stage: string): boolean {
  const { text } = readSource(root, AGENT_FILE);
  const config = text === null ? null : parseAgentConfig(text, AGENT_FILE).value;
  return config?.stages.some((one) => one === stage) === true;
}

function suggestedChoice(root: string, { backlog, state }: GuardDocuments): Choice | null {
  const suggestion = suggestionFor(root, backlog, state);
  return suggestion === null ? null : { command: suggestion.command, when: suggestion.reasons.join('; ') };
}

const NOTHING: AgainstLaunch = { documents: false, review: false, tasks: false };

/** A stage of the author: what it must leave. The review, and the launch: what they are about. */
function inTheWay(root: string, state: State): Pick<StageFacts, 'problems' | 'against'> {
  const { stage } = state;
  // An experiment that nobody made leaves nothing.
  if (state.experiment_id === '') return { problems: [], against: NOTHING };
  if (stage === 'launch') return againstLaunch(root, state);
  const judged = stage === 'implementation_review' ? 'implementation' : stage;
  const outputs = ['hypothesis', 'design', 'implementation'].includes(judged) ? checkOutputs(root, judged, state) : [];
  const findings = stage === 'implementation' ? reviewFindings(root, state) : [];
  return { problems: [...findings, ...outputs], against: NOTHING };
}

function againstLaunch(root: string, state: State): Pick<StageFacts, 'problems' | 'against'> {
  const project = readProject(root, state);
  const { review, todo, problems, digests } = project;
  const file = reviewFileOf(state.iteration_id);
  const ofReview = problems.filter((problem) => problem.file === file);
  const verdict =
    review === null ? [] : reviewVerdict(review).flatMap((reason) => placed(project, file, reason).problems ?? []);
  const design = designFileOf(state.iteration_id);
  const stale = [
    ...staleDocuments(review?.approved ?? null, {
      [design]: digests[design],
      [ENVIRONMENT_FILE]: digests[ENVIRONMENT_FILE],
    }),
    ...staleTasks(project),
  ];
  const tasks = todo === null ? [] : openLaunchTasks(todo);
  const open = tasks.map(({ task_id, text }) =>
    problemOfFile(TODO_FILE, 'todo.open', `the task ${task_id} is open: ${text}`),
  );
  const others = problems.filter((problem) => problem.file !== file);
  return {
    problems: [...problems, ...verdict, ...stale, ...open],
    against: {
      documents: hasErrors(others),
      review: hasErrors(ofReview) || verdict.length > 0 || stale.length > 0,
      tasks: open.length > 0,
    },
  };
}

/** Those that the design says itself change with it. */
function staleTasks(project: ProjectRead): readonly Problem[] {
  const file = taskFileOf(project.draft?.tasks ?? null);
  const approved = project.review?.approved?.tasks ?? null;
  if (file === null || approved === null || lookAtTasks(project).sha256 === approved) return [];
  return [problemOfFile(file, 'review.stale', 'the list of tasks changed since the review approved it')];
}

/** As far as digests of documents tell: the launch compares the code, too. */
function staleDocuments(
  approved: { readonly design: string | null; readonly environment: string | null } | null,
  now: Readonly<Record<string, string | null | undefined>>,
): readonly Problem[] {
  const was = [approved?.design ?? null, approved?.environment ?? null];
  return Object.entries(now).flatMap(([file, digest], index) =>
    was[index] === null || was[index] === digest
      ? []
      : [problemOfFile(file, 'review.stale', 'changed since the review approved it')],
  );
}
