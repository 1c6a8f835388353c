import { flag, maybeText, oneOf } from '../check-options.ts';
import { renderStage } from '../render.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface RenderOptions {
  /** The stage to render for. Default: `launch`, the only one. */
  readonly stage?: 'launch';
  /** The run id to render for. Default: null, the active run's, else a new one. */
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
}

export const render: Verb<RenderOptions> = {
  name: 'render',
  options: { stage: oneOf('launch'), runId: maybeText, write: flag },
  perform: async ({ root }, { runId: wanted = null, write = true }) => {
    const rendered = await renderStage(root, { runId: wanted, write });
    if (!rendered.ok) return resultOfFailure('render', rendered.failure);
    const { runId, iterationId, prompt, context, files, gate } = rendered.value;
    const message = write ? `Wrote ${files.join(' and ')} for run ${runId}.` : `The prompt for run ${runId}.`;
    const details = { prompt, context: JSON.parse(context) as Record<string, unknown>, files };
    const hint =
      gate === null
        ? `Launch with this run id: autolab launch --run-id ${runId}`
        : `A launch would be refused now (${gate.code}): ${gate.message}`;
    return succeed(
      'render',
      { message, hint },
      {
        run_id: runId,
        iteration_id: iterationId,
        problems: gate?.problems ?? [],
        details: details satisfies Partial<RenderResult>,
      },
    );
  },
};
