import { failureOf } from '../errors/failure.ts';
import { expectedFailure } from './expected.ts';
import { type CommandResult, resultOfFailure, type ResultParts } from './result.ts';

/**
 * Work on a run of which something is written: a disk that refuses is then no refusal of the call (12) any more, because the
 * run is open, and calling again continues it.
 */
export async function whileOpen<Other = never>(
  command: string,
  parts: ResultParts,
  act: () => Promise<CommandResult | Other>,
): Promise<CommandResult | Other> {
  try {
    return await act();
  } catch (error) {
    const failure = expectedFailure(error);
    if (failure?.code !== 'project.read_only') throw error;
    const { message, hint } = failure;
    return resultOfFailure(
      command,
      failureOf('run.not_recorded', { message: `${message} The run is open.`, hint }),
      parts,
    );
  }
}
