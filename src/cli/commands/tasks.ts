import { type CommandHandler, UsageError } from '../command.ts';
import { flag, text } from '../options.ts';
import { isTerminal } from '../print.ts';
import { projectOf } from '../project.ts';
import { csvCells, fittingTable, tableCells } from '../render/columns.ts';
import { csv } from '../render/csv.ts';
import { table } from '../render/table.ts';
import { SPARED_OF_TASKS, tasksTable } from '../render/tasks-table.ts';
import { visible } from '../render/visible.ts';

export const tasks: CommandHandler = async (ctx, words, options) => {
  const asCsv = flag(options, 'csv');
  if (asCsv && ctx.json) throw new UsageError('--csv and --json are two forms of the list; leave one out');
  const choice = { run: words[0] ?? null, failed: flag(options, 'failed'), sort: text(options, 'sort') };
  const result = await projectOf(ctx).tasks(choice);
  const { tasks: rows, parameters = [], message, hint } = result;
  if (rows === undefined) return { result };
  const made = tasksTable(rows, parameters);
  if (asCsv) return { result, text: csv(csvCells(made)) };
  const end = `${`${message} ${hint}`.trimEnd()}\n`;
  if (rows.length === 0) return { result, text: end };
  const width = isTerminal('stdout') ? process.stdout.columns : Infinity;
  const { table: shown, left } = fittingTable(made, width, { spared: SPARED_OF_TASKS, kept: ['task', 'state'] });
  const lines = table(
    shown.columns.map(({ head }) => visible(head)),
    tableCells(shown),
  );
  const note =
    left.length === 0 ? '' : `This terminal has no room for ${left.map(visible).join(', ')}: --csv has all.\n`;
  return { result, text: `${lines}${note}${end}` };
};
