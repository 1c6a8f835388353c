import { callResult, ProjectError } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { visible } from '../render/visible.ts';

export const next: CommandHandler = async (ctx) => {
  const project = projectOrFailure(ctx);
  if (project instanceof ProjectError) return { result: { ...callResult('next', project.failure), ...NO_PROJECT } };
  const result = await project.next();
  const { alternatives, next_command: command = null } = result;
  if (alternatives === undefined) return { result };
  const lines = [
    visible(result.message),
    ...(command === null ? [] : [`  next: ${visible(command)}`]),
    ...alternatives.map((other) => `  or:   ${visible(other.command)} (${visible(other.when)})`),
  ];
  return { result, text: `${lines.join('\n')}\n` };
};

/** What comes before every stage. */
const NO_PROJECT = {
  stage: null,
  who: 'author',
  next_command: 'autolab init',
  alternatives: [],
  approved_digest: null,
};

function projectOrFailure(ctx: Parameters<CommandHandler>[0]): ReturnType<typeof projectOf> | ProjectError {
  try {
    return projectOf(ctx);
  } catch (error) {
    if (error instanceof ProjectError) return error;
    throw error;
  }
}
