import { join, resolve } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import { findProject, openProject, type Project, ProjectError } from '../index.ts';
import { listNames, lstatOrNull } from '../platform/files.ts';
import { firstFew } from '../platform/listing.ts';
import { quotePosix } from '../platform/quoting.ts';
import type { CommandContext } from './command.ts';

/** The project that a command is about; throws a ProjectError if there is none. */
export function projectOf(ctx: CommandContext): Project {
  const start = resolve(ctx.directory ?? '.');
  const root = findProject(start);
  if (root !== null) return openProject(root);
  const below = projectsBelow(start);
  const [first] = below;
  const message = `There is no autolab project in ${start} or above it.`;
  throw new ProjectError(
    first === undefined
      ? failureOf('project.not_found', { message })
      : failureOf('project.not_found', {
          message: `${message} There ${below.length === 1 ? 'is one' : 'are some'} below it: ${firstFew(below, 5)}.`,
          hint: `Go there: cd ${quotePosix(join(start, first))}`,
        }),
  );
}

/** Folders right here that are projects: the user stands one folder too high. */
function projectsBelow(folder: string): readonly string[] {
  try {
    return listNames(folder).filter((name) => lstatOrNull(join(folder, name, '.autolab'))?.isDirectory() === true);
  } catch {
    return [];
  }
}
