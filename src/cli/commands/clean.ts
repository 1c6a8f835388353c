import type { CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectOf } from '../project.ts';
import { table } from '../render/table.ts';

export const clean: CommandHandler = async (ctx, _words, options) => {
  const dryRun = flag(options, 'dryRun');
  const result = await projectOf(ctx).clean({ dryRun });
  if (result.leftovers === undefined || result.leftovers.length === 0) return { result };
  const rows = result.leftovers.map(({ what, path, files, bytes, needed_by: run }) => [
    what,
    String(files),
    `${(bytes / 1024 / 1024).toFixed(1)} MiB`,
    run === null ? (dryRun ? 'would be removed' : 'removed') : `run ${run} needs it`,
    path,
  ]);
  return { result, text: `${table(['what', 'files', 'size', '', 'path'], rows)}${result.message}\n` };
};
