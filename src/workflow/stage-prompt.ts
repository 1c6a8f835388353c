import { readSource } from '../documents/source.ts';
import { type Problem, whereOf } from '../errors/problem.ts';
import type { Experiment, Hypothesis } from '../project/backlog.ts';
import { renderPrompt } from '../project/prompt.ts';
import type { KnownStage, State } from '../project/state.ts';
import { readTemplate } from '../project/templates.ts';
import type { FocusTask } from '../project/todo.ts';
import { canonicalFile } from '../records/canonical.ts';
import { promptPaths } from '../records/paths.ts';
import { stagePath } from './stage-paths.ts';
import { STAGE_TABLE } from './stages.ts';

/** The prompt of a stage that is not the launch: what somebody needs to know to do it. Strict: nothing unresolved, nothing unknown. */

export interface StagePromptFacts {
  readonly stage: KnownStage;
  readonly state: State;
  readonly experiment: Experiment | null;
  readonly hypothesis: Hypothesis | null;
  /** The active or last run. */
  readonly runId: string | null;
  /** Of the design, if that is readable. */
  readonly launchMode: 'local' | 'slurm' | null;
  /** Open tasks of the stage. */
  readonly tasks: readonly FocusTask[];
  /** What the stage must leave and has not. */
  readonly missing: readonly Problem[];
  /** What the last review found. */
  readonly findings: readonly string[];
}

export type StagePrompt =
  | { readonly ok: true; readonly text: string; readonly context: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A template of the project wins over ours. */
export function renderStagePrompt(root: string, facts: StagePromptFacts): StagePrompt {
  const { template: file } = promptPaths(facts.stage);
  const own = readSource(root, file);
  const text = own.missing ? readTemplate(STAGE_TABLE[facts.stage].template) : own.text;
  if (text === null) return { ok: false, problems: own.problems };
  const { iteration_id: iteration } = facts.state;
  const rendered = renderPrompt(text, file, {
    iteration_id: iteration,
    run_id: facts.runId ?? '',
    launch_mode: facts.launchMode ?? '',
    stage_context: contextLines(facts).join('\n'),
  });
  if (rendered.value === null) return { ok: false, problems: rendered.problems };
  const context = canonicalFile({ ...contextOf(facts), prompt_template: own.missing ? 'built-in' : file });
  return { ok: true, text: rendered.value, context };
}

function contextOf({
  stage,
  state,
  experiment,
  runId,
  launchMode,
  tasks,
  missing,
  findings,
}: StagePromptFacts): object {
  const { who, does, reads, leaves, leads, command } = STAGE_TABLE[stage];
  // What names a run is left out while there is none: no placeholder ever stands in a file that autolab writes.
  const filled = (paths: readonly string[]): readonly string[] =>
    paths.flatMap((path) => stagePath(path, { ...state, last_run_id: runId }) ?? []);
  return {
    schema_version: '1.0',
    ...{ stage, who, does, reads: filled(reads), leaves: filled(leaves), leads, command },
    iteration_id: state.iteration_id,
    experiment_id: experiment?.id ?? (state.experiment_id === '' ? null : state.experiment_id),
    run_id: runId,
    launch_mode: launchMode,
    state: {
      stage: state.stage,
      stage_attempt: state.stage_attempt,
      max_stage_attempts: state.max_stage_attempts,
      last_run_id: state.last_run_id,
      sync_status: state.sync_status,
    },
    focus_tasks: tasks,
    missing,
    findings,
  };
}

/** The same, as text. */
function contextLines({
  stage,
  state,
  experiment,
  hypothesis,
  runId,
  tasks,
  missing,
  findings,
}: StagePromptFacts): readonly string[] {
  const listed = (title: string, none: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [`- ${title}: ${none}`] : [`- ${title}:`, ...items.map((item) => `  - ${item}`)];
  return [
    `- experiment: ${experiment?.id ?? 'none yet'}, iteration: ${state.iteration_id}, run: ${runId ?? 'none yet'}`,
    `- hypothesis: ${hypothesis === null ? 'none yet' : `${hypothesis.id}${hypothesis.title === null ? '' : `: ${hypothesis.title}`}`}`,
    `- workflow: stage ${state.stage}, attempt ${state.stage_attempt} of ${state.max_stage_attempts}, last run ${state.last_run_id ?? 'none'}`,
    ...listed(
      `tasks mapped to ${stage}, to be done first`,
      'none open',
      tasks.map((task) => `${task.task_id}: ${task.text}`),
    ),
    ...listed('findings of the last review', 'none', findings),
    ...listed(
      'still missing, or wrong',
      'nothing that autolab can see',
      missing.map((problem) => `${whereOf(problem)}: ${problem.message}`),
    ),
  ];
}
