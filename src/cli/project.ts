import { resolve } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import { findProject, openProject, type Project, ProjectError } from '../index.ts';
import type { CommandContext } from './command.ts';

/** The project that a command is about; throws a ProjectError if there is none. */
export function projectOf(ctx: CommandContext): Project {
  const start = resolve(ctx.directory ?? '.');
  const root = findProject(start);
  if (root !== null) return openProject(root);
  throw new ProjectError(
    failureOf('project.not_found', { message: `There is no autolab project in ${start} or above it.` }),
  );
}
