import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { table } from '../render/table.ts';
import { visible } from '../render/visible.ts';

export const verify: CommandHandler = async (ctx, words) => {
  const result = await projectOf(ctx).verify({ run: words[0] ?? null });
  const { verifiers } = result;
  if (verifiers === undefined) return { result };
  const rows = table(
    ['verifier', 'result', 'what'],
    verifiers.map(({ name, status, message }) => [name, status, visible(message)]),
  );
  const details = verifiers.flatMap(({ name, status, details: lines }) =>
    status === 'pass' ? [] : lines.map((line) => `  ${name}: ${visible(line)}\n`),
  );
  return { result, text: `${rows}${details.join('')}${result.outcome}: ${result.message}\n` };
};
