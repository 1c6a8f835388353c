import { join } from 'node:path';
import { jsonDocument } from '../../documents/json-document.ts';
import { shape } from '../../documents/shape.ts';
import { readSource } from '../../documents/source.ts';
import { listNames } from '../../platform/files.ts';
import type { State } from '../../project/state.ts';
import { type DecisionRecord, decisionSchema } from '../../workflow/results/decision-schema.ts';

/** `decision_result.json`, and how often an experiment was repeated. */

export function decisionFile(iterationId: string): string {
  return `experiments/${iterationId}/decision_result.json`;
}

/** The last decision; null if there is none, or another program wrote one of its own form. */
function lastDecision(root: string, iterationId: string): DecisionRecord | null {
  const file = decisionFile(iterationId);
  const { text } = readSource(root, file);
  return text === null ? null : shape(jsonDocument(text, file), decisionSchema).value;
}

/**
 * The repetitions before this decision. The history of the state and the last decision both tell: one may have been
 * rewritten. A decision about the same run was not carried out yet, or is made again.
 */
export function repeatsBefore(root: string, { iteration_id: iteration, last_run_id: run, history }: State): number {
  const runs = listNames(join(root, 'experiments', iteration, 'runs'));
  const told = history.filter((entry) => {
    const known = entry as { command?: unknown; run_id?: unknown } | null;
    const of = known?.run_id;
    return known?.command === REPEAT_COMMAND && typeof of === 'string' && of !== run && runs.includes(of);
  }).length;
  const last = lastDecision(root, iteration);
  if (last === null) return told;
  const isSame = last.decision === 'repeat' && last.run_id === run;
  return Math.max(told, last.repeats - (isSame ? 1 : 0));
}

/** As the history has it. */
const REPEAT_COMMAND = 'decide repeat';
