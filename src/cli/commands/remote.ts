import type { CommandHandler } from '../command.ts';
import { flag, text } from '../options.ts';
import { projectOf } from '../project.ts';
import { checkLines } from '../render/checks.ts';
import { table } from '../render/table.ts';
import { visible } from '../render/visible.ts';

export const show: CommandHandler = async (ctx, _words, options) => {
  const result = await projectOf(ctx).remote.show({ profile: text(options, 'profile') });
  if (result.profile === undefined) return { result };
  const { name, ...profile } = result.profile;
  const rows = Object.entries({ profile: name, ...profile, ...result.ssh });
  const lines = rows.map(
    ([key, value]) => `${key}\t${visible(typeof value === 'string' ? value : JSON.stringify(value))}\n`,
  );
  return { result, text: lines.join('') };
};

export const check: CommandHandler = async (ctx, _words, options) => {
  const result = await projectOf(ctx).remote.check({ profile: text(options, 'profile') });
  return result.checks === undefined ? { result } : { result, text: checkLines(result.checks, ctx.color) };
};

export const clean: CommandHandler = async (ctx, _words, options) => {
  const dryRun = flag(options, 'dryRun');
  const result = await projectOf(ctx).remote.clean({ profile: text(options, 'profile'), dryRun });
  if (result.left === undefined) return { result };
  const rows = result.left.map(({ what, run_id, bytes, kept }) => [
    what === 'tree' ? run_id : `${run_id} (pack)`,
    bytes === null ? '-' : `${Math.ceil(bytes / 1024 / 1024)} MiB`,
    kept ?? (dryRun ? 'would be removed' : 'removed'),
  ]);
  const none = 'autolab left nothing on the remote host.\n';
  return { result, text: rows.length === 0 ? none : table(['run', 'size', 'what'], rows) };
};
