import { failureOf, ok, type Result } from '../errors/failure.ts';
import type { Abandonable } from '../executors/executor.ts';

/** Ends what is alive of a run that is abandoned. Returns the evidence, with what was ended. */
export async function endFirst(may: Extract<Abandonable, { kind: 'yes' }>): Promise<Result<string>> {
  if (may.endFirst === undefined) return ok(may.evidence);
  const { ended, left } = await may.endFirst();
  if (left === null) return ok(`${may.evidence}; ended first: ${ended.length === 0 ? 'nothing' : ended.join(', ')}`);
  return {
    ok: false,
    failure: failureOf('run.not_abandonable', {
      message: `The run could not be ended: ${left.who} is still alive.`,
      hint: `End it: ${left.end.replace(/^kill /, 'kill -KILL ')}; then abandon the run again: autolab cancel --force --by WHO --note WHY`,
    }),
  };
}
