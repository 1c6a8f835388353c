import { isAbsolute, relative, resolve, sep } from 'node:path';
import { shown } from '../documents/excerpt.ts';
import { readSource } from '../documents/source.ts';
import { exists, realPathOr } from '../platform/files.ts';
import { taskFileEnd } from '../project/tasks/task-file-path.ts';

/** What a design reads of such a file. */
const MOST_BYTES = 64 * 1024 * 1024;

/** `--list FILE` of `autolab new`: where the design finds the file. */

export interface PlacedList {
  /** As the design names it: relative to the project; null if there is no list. */
  readonly file: string | null;
  /** To be made in the project, because the file is outside of it; null if it is inside. */
  readonly copy: NewCopy | null;
  /** Why it cannot be used; null if it can. */
  readonly wrong: string | null;
}

export interface NewCopy {
  /** The user's file. */
  readonly from: string;
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

/** `given`: absolute, or relative to the project. What is in the file is judged with the design. */
export function placeList(root: string, id: string, given: string | null): PlacedList {
  if (given === null) return { file: null, copy: null, wrong: null };
  const path = resolve(root, given);
  const inside = insideOf(root, path);
  if (inside !== null) return { file: inside, copy: null, wrong: null };
  const end = taskFileEnd(path);
  const file = `experiments/${id}/tasks${end ?? '.csv'}`;
  if (end === null)
    return { file, copy: null, wrong: `\`--list\` takes a .csv, .tsv or .jsonl file, not ${shown(given)}` };
  if (!exists(path)) return { file, copy: null, wrong: `\`--list\` names ${shown(given)}, and there is no such file` };
  const { text, problems } = readSource('/', path, MOST_BYTES);
  if (text === null)
    return { file, copy: null, wrong: `\`--list\`: ${shown(given)}: ${problems[0]?.message ?? 'it is empty'}` };
  return { file, copy: { from: given, path: file, text }, wrong: null };
}

/** The path in the project; null if it is outside, or a link leads there. */
function insideOf(root: string, path: string): string | null {
  const own = relative(realPathOr(root), realPathOr(path));
  if (isAbsolute(own) || own === '..' || own.startsWith(`..${sep}`)) return null;
  return own;
}
