import { type CommandHandler, UsageError } from '../command.ts';
import { flag, list, text } from '../options.ts';
import { isTerminal } from '../print.ts';
import { projectOf } from '../project.ts';
import { csvCells, tableCells } from '../render/columns.ts';
import { csv } from '../render/csv.ts';
import { fittingRuns, runsTable } from '../render/runs-table.ts';
import { table } from '../render/table.ts';
import { visible } from '../render/visible.ts';

export const runs: CommandHandler = async (ctx, _words, options) => {
  const asCsv = flag(options, 'csv');
  if (asCsv && ctx.json) throw new UsageError('--csv and --json are two forms of the list; leave one out');
  const all = flag(options, 'all');
  const result = await projectOf(ctx).runs({ all, where: list(options, 'where'), sort: text(options, 'sort') });
  const { runs: rows, differing_arguments: differing = [], message, hint } = result;
  if (rows === undefined) return { result };
  const made = runsTable(rows, differing, all);
  if (asCsv) return { result, text: csv(csvCells(made)) };
  if (rows.length === 0) return { result, text: `${message} ${hint}\n` };
  const width = isTerminal('stdout') ? process.stdout.columns : Infinity;
  const { table: shown, left } = fittingRuns(made, width);
  const lines = table(
    shown.columns.map(({ head }) => visible(head)),
    tableCells(shown),
  );
  const note =
    left.length === 0 ? '' : `This terminal has no room for ${left.map(visible).join(', ')}: --csv has all.\n`;
  return { result, text: `${lines}${note}` };
};
