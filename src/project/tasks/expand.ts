import type { ExpandedTasks, GridAxis, WrittenTasks } from './task-spec.ts';

/** The tasks that a design stands for, in their order. Pure. */

export function expandTasks(source: WrittenTasks): ExpandedTasks {
  const names = source.kind === 'list' ? source.names : source.axes.map(({ name }) => name);
  const rows = source.kind === 'list' ? source.rows : combinations(source.axes);
  const tasks = rows.map((row, index) => ({
    index,
    params: Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])),
  }));
  return { names, tasks };
}

/** The first axis changes slowest. */
function combinations(axes: readonly GridAxis[]): readonly (readonly string[])[] {
  return axes.reduce<readonly (readonly string[])[]>(
    (rows, { values }) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
}
