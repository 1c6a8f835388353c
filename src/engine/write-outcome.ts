import type { OutcomeData } from '../records/run-data.ts';
import type { RunContext } from '../run/context.ts';

/** Journals the outcome of a step, and emits it as an event. */
export function writeOutcome(
  ctx: RunContext,
  name: string,
  attempt: number,
  parts: Partial<OutcomeData> & Pick<OutcomeData, 'status'>,
): OutcomeData {
  const outcome: OutcomeData = {
    attempt,
    retryable: false,
    code: null,
    message: null,
    reason: null,
    recommendations: [],
    writes: [],
    result: {},
    ...parts,
  };
  ctx.journal.append(name, 'step.outcome', outcome);
  ctx.emit({ type: 'step', step: name, status: outcome.status, message: outcome.message ?? outcome.reason });
  return outcome;
}
