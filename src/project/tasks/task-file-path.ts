import { invisibleInName } from '../../documents/characters.ts';
import type { TaskSpec } from './task-spec.ts';

/** Where the tasks of a design are, if they are in a file. Pure. */

const ENDS = ['.csv', '.tsv', '.jsonl'] as const;
export type TaskFileEnd = (typeof ENDS)[number];
const LONGEST_PATH = 1024;

/** Relative to the project; null if the tasks are not in a file. */
export function taskFileOf(spec: TaskSpec | null): string | null {
  return spec?.source.kind === 'file' ? spec.source.file : null;
}

/** What kind of file a path names; null for another one. */
export function taskFileEnd(path: string): TaskFileEnd | null {
  return ENDS.find((end) => path.endsWith(end)) ?? null;
}

/** Why a path cannot be that of the tasks, phrased to follow the field's name; null if it can. */
export function checkTaskFilePath(path: string): string | null {
  if (path === '') return 'must not be empty';
  const invisible = invisibleInName(path);
  if (invisible !== null) return `contains the invisible character ${invisible}`;
  if (path.includes('{{')) return 'has no placeholders';
  if (path.startsWith('/') || path.startsWith('~')) return 'must be relative to the project';
  if (path.startsWith('-')) return 'must not begin with `-`';
  if (path.includes('\\')) return 'must use `/` between folders';
  if (path.length > LONGEST_PATH) return `must not be longer than ${LONGEST_PATH} characters`;
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'must be plain, without `.`, `..` and `//`';
  if (parts[0] === '.autolab') return "must not be in autolab's own folder";
  return taskFileEnd(path) === null ? 'must end in .csv, .tsv or .jsonl' : null;
}
