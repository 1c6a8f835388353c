import type { AdviseResult } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { visible } from '../render/visible.ts';

export const advise: CommandHandler = async (ctx) => {
  const result = await projectOf(ctx).advise();
  const { advice } = result;
  if (advice === undefined || advice.length === 0) return { result };
  return { result, text: `${adviceLines(result).map(visible).join('\n')}\n` };
};

/** What was used, what would do, and the place to edit. */
function adviceLines({ message, hint, advice = [] }: AdviseResult): readonly string[] {
  return [
    message,
    ...advice.flatMap(({ resource, why, suggested, file, line, column, pointer, current }) => [
      `${resource}: ${why}: ${suggested} would do`,
      `  ${file}:${line}:${column} ${pointer}: ${current} → ${suggested}`,
    ]),
    `  next: ${hint}`,
  ];
}
