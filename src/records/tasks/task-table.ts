import { canonicalLine } from '../canonical.ts';
import type { Task, TaskList } from './task-list.ts';

/**
 * `receipt/tasks.table`: what a script reads of the tasks, for bash alone. A line a task, in the order of their indices:
 * its values in the order of the names, and its parameters as JSON, separated by the character 0x1f. Pure.
 *
 * Backslashes and control characters are escaped for `printf %b`. That separator is no blank: `read` keeps empty values.
 */

const TABLE_SEPARATOR = '\u001f';

export function formatTaskTable({ names, tasks }: TaskList): string {
  return tasks.map((task) => `${cellsOf(names, task).map(escaped).join(TABLE_SEPARATOR)}\n`).join('');
}

function cellsOf(names: readonly string[], { params }: Task): readonly string[] {
  return [...names.map((name) => params[name] ?? ''), canonicalLine(params)];
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(/[\u0001-\u001f\u007f]/g, (character) => {
    return `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
