import { failureOf } from '../errors/failure.ts';
import { callResult, expectedFailure, type VerbResult } from '../index.ts';

/** The result of a call that threw: the disk refused, there is no project, or autolab has a bug. */
export function resultOfError(command: string, error: unknown): VerbResult {
  const message = error instanceof Error ? error.message : String(error);
  return callResult(
    command,
    expectedFailure(error) ?? failureOf('internal', { message: `autolab has a bug: ${message}` }),
  );
}
