import type { PlannedTasks } from '../../plan/planned-tasks.ts';
import { type KnownStage, STAGES } from '../../project/state.ts';
import { hintAtStage } from '../../workflow/choices.ts';
import { flag, maybeText, oneOf } from '../check-options.ts';
import { renderStage } from '../render.ts';
import { renderPage } from '../render-stage.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export type { KnownStage } from '../../project/state.ts';

export interface RenderOptions {
  /** The stage to render for. Default: `launch`. */
  readonly stage?: KnownStage;
  /** The run id to render for. Default: null, the active run's, else a new one; of another stage than the launch the last one's. */
  readonly runId?: string | null;
  /** Write the prompt and its context to `.autolab/prompts/rendered/`. Default: true. */
  readonly write?: boolean;
}

export interface RenderResult extends VerbResult {
  /** The text of the prompt. */
  readonly prompt?: string;
  /** The values that were put into it. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** The files that were written, relative to the project root. */
  readonly files?: readonly string[];
  /** Only with the stage `launch`, and if the design has tasks and a launch would not be refused. */
  readonly plan?: { readonly tasks: PlannedTasks };
}

const COMMAND = 'render';

export const render: Verb<RenderOptions> = {
  name: COMMAND,
  options: { stage: oneOf(...STAGES), runId: maybeText, write: flag },
  perform: ({ root }, { stage = 'launch', runId = null, write = true }) =>
    stage === 'launch' ? ofLaunch(root, runId, write) : ofStage(root, stage, runId, write),
};

async function ofLaunch(root: string, wanted: string | null, write: boolean): Promise<CommandResult> {
  const rendered = await renderStage(root, { runId: wanted, write });
  if (!rendered.ok) return resultOfFailure(COMMAND, rendered.failure);
  const { runId, iterationId, prompt, context, files, gate, tasks } = rendered.value;
  const message = write ? `Wrote ${files.join(' and ')} for run ${runId}.` : `The prompt for run ${runId}.`;
  const plan = tasks === null ? {} : { plan: { tasks } };
  const details = { prompt, context: JSON.parse(context) as Record<string, unknown>, files, ...plan };
  const hint =
    gate === null
      ? `Launch with this run id: autolab launch --run-id ${runId}`
      : `A launch would be refused now (${gate.code}): ${gate.message}`;
  return succeed(
    COMMAND,
    { message, hint },
    {
      run_id: runId,
      iteration_id: iterationId,
      problems: gate?.problems ?? [],
      details: details satisfies Partial<RenderResult>,
    },
  );
}

function ofStage(
  root: string,
  stage: Exclude<KnownStage, 'launch'>,
  wanted: string | null,
  write: boolean,
): CommandResult {
  const rendered = renderPage(root, stage, { runId: wanted, write });
  if (!rendered.ok) return resultOfFailure(COMMAND, rendered.failure);
  const { runId, iterationId, prompt, context, files } = rendered.value;
  const message = write ? `Wrote ${files.join(' and ')}.` : `The prompt of the stage ${stage}.`;
  const details = { prompt, context: JSON.parse(context) as Record<string, unknown>, files };
  return succeed(
    COMMAND,
    { message, hint: hintAtStage(stage) },
    { run_id: runId, iteration_id: iterationId, details: details satisfies Partial<RenderResult> },
  );
}
