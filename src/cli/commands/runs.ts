import type { CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectOf } from '../project.ts';
import { table } from '../render/table.ts';

export const runs: CommandHandler = async (ctx, _words, options) => {
  const result = await projectOf(ctx).runs({ all: flag(options, 'all') });
  const { runs: rows = [], message, hint } = result;
  if (rows.length === 0) return { result, text: `${message} ${hint}\n` };
  const text = table(
    ['run', 'started', 'mode', 'job', 'status', 'outcome', 'seconds'],
    rows.map((row) => [
      row.run_id,
      row.started_at ?? '-',
      row.mode ?? '-',
      row.job_id ?? '-',
      row.status,
      row.code ?? row.outcome ?? '-',
      row.duration_seconds === null ? '-' : String(row.duration_seconds),
    ]),
  );
  return { result, text };
};
