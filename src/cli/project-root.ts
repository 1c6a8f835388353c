import { resolve } from 'node:path';
import { type CommandResult, resultOfFailure } from '../commands/result.ts';
import { failureOf } from '../errors/failure.ts';
import { findRoot } from '../project/find-root.ts';
import type { CommandContext } from './command.ts';

/** The project that a command is about. */
export function projectRoot(ctx: CommandContext): { readonly root: string } | { readonly result: CommandResult } {
  const start = resolve(ctx.directory ?? '.');
  const root = findRoot(start);
  if (root !== null) return { root };
  return {
    result: resultOfFailure(
      '',
      failureOf('project.not_found', { message: `There is no autolab project in ${start} or above it.` }),
    ),
  };
}
