import { resultOfFailure } from '../../commands/result.ts';
import { status as statusOf } from '../../commands/status.ts';
import { failureOf } from '../../errors/failure.ts';
import type { CommandHandler } from '../command.ts';
import { projectRoot } from '../project-root.ts';

export const status: CommandHandler = async (ctx) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const result = await statusOf(found.root);
  if (result !== null) return { result };
  // The full reader says what is wrong and where; it is loaded only then.
  const { readGuardDocuments } = await import('../../project/read.ts');
  const documents = readGuardDocuments(found.root);
  return { result: resultOfFailure('status', documents.ok ? failureOf('state.invalid') : documents.failure) };
};
