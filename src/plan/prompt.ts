import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import { renderPrompt } from '../project/prompt.ts';
import type { State } from '../project/state.ts';
import { readTemplate } from '../project/templates.ts';
import { canonicalFile } from '../records/canonical.ts';
import type { HostRecord, OpenTask } from '../records/manifest-schema.ts';
import { PROMPT_TEMPLATE, runPaths } from '../records/paths.ts';
import { parameterRanges, type TaskList } from '../records/tasks/task-list.ts';
import type { Objection } from '../run/objection.ts';

/** The stage's prompt, so that an agent given it could do the stage by hand (R8). Strict: nothing unresolved, nothing unknown. */

/** What `autolab init` writes: used as it is by a project without a template of its own. */
const BUILT_IN = 'project/stage_launch.md';

export interface PromptFacts {
  readonly state: State;
  readonly experimentId: string;
  readonly runId: string;
  readonly mode: 'local' | 'slurm';
  readonly host: HostRecord;
  readonly openTodo: readonly OpenTask[];
  readonly objections: readonly Objection[];
  /** Null if the run has one task, without parameters, or its tasks cannot be read. */
  readonly tasks: TaskList | null;
}

export type RenderedPrompt =
  | {
      readonly ok: true;
      readonly text: string;
      readonly context: string;
      readonly digests: Readonly<Record<string, string | null>>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function renderLaunchPrompt(root: string, facts: PromptFacts): RenderedPrompt {
  const template = readSource(root, PROMPT_TEMPLATE);
  const text = template.missing ? readTemplate(BUILT_IN) : template.text;
  if (text === null) return { ok: false, problems: template.problems };
  const context = { ...contextOf(root, facts), prompt_template: template.missing ? 'built-in' : PROMPT_TEMPLATE };
  const rendered = renderPrompt(text, PROMPT_TEMPLATE, {
    iteration_id: facts.state.iteration_id,
    run_id: facts.runId,
    launch_mode: facts.mode,
    stage_context: stageContext(facts),
  });
  if (rendered.value === null) return { ok: false, problems: rendered.problems };
  return {
    ok: true,
    text: rendered.value,
    context: canonicalFile(context),
    digests: { [PROMPT_TEMPLATE]: template.sha256 },
  };
}

function contextOf(root: string, facts: PromptFacts): object {
  const { state } = facts;
  return {
    schema_version: '1.0',
    stage: 'launch',
    iteration_id: state.iteration_id,
    experiment_id: facts.experimentId,
    run_id: facts.runId,
    launch_mode: facts.mode,
    run_dir: runPaths(root, state.iteration_id, facts.runId).relative,
    host: facts.host,
    state: {
      stage: state.stage,
      stage_attempt: state.stage_attempt,
      max_stage_attempts: state.max_stage_attempts,
      last_run_id: state.last_run_id,
      sync_status: state.sync_status,
    },
    ...(facts.tasks === null
      ? {}
      : { tasks: { count: facts.tasks.tasks.length, parameters: parameterRanges(facts.tasks) } }),
    focus_tasks: facts.openTodo,
    gate: {
      passed: facts.objections.length === 0,
      objections: facts.objections.map(({ code, message }) => ({ code, message })),
    },
  };
}

/** The same, as text. */
function stageContext(facts: PromptFacts): string {
  const { state, host } = facts;
  const lines = [
    `- experiment: ${facts.experimentId}, iteration: ${state.iteration_id}, run: ${facts.runId}`,
    `- workflow: stage ${state.stage}, attempt ${state.stage_attempt} of ${state.max_stage_attempts}, last run ${state.last_run_id ?? 'none'}`,
    `- host: ${host.mode ?? 'unresolved'} (${host.reason})`,
    ...Object.values(host.probes).map(
      (probe) => `  - \`${probe.argv.join(' ')}\`: ${probe.spawn_error ?? `exit status ${String(probe.exit_code)}`}`,
    ),
    ...(facts.tasks === null ? [] : [`- tasks of the run: ${tasksText(facts.tasks)}`]),
    facts.openTodo.length === 0
      ? '- focus tasks mapped to launch: none open'
      : '- focus tasks mapped to launch, open, to be done first:',
    ...facts.openTodo.map((task) => `  - ${task.task_id}: ${task.text}`),
    facts.objections.length === 0 ? '- gate: all checks passed' : '- gate: not passed',
    ...facts.objections.map((objection) => `  - ${objection.code}: ${objection.message}`),
  ];
  return lines.join('\n');
}

/** Such as `12, of seed (3 values), lr (4 values)`. */
function tasksText(list: TaskList): string {
  const ranges = parameterRanges(list).map(
    ({ name, values }) => `${name} (${values} ${values === 1 ? 'value' : 'values'})`,
  );
  return `${list.tasks.length}, of ${ranges.join(', ')}`;
}
