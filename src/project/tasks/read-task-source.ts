import { join } from 'node:path';
import { shown } from '../../documents/excerpt.ts';
import { type LocatedDocument, problemIn } from '../../documents/located.ts';
import { notesFor } from '../../documents/notes.ts';
import { readSource } from '../../documents/source.ts';
import type { Code } from '../../errors/catalog.ts';
import type { Problem } from '../../errors/problem.ts';
import { leadsOutside } from '../../platform/files.ts';
import { checkTaskSource } from './check-tasks.ts';
import { parseTaskFile } from './read-task-file.ts';
import type { TaskSpec, WrittenTasks } from './task-spec.ts';

/** The tasks of a design, wherever they are. */

export interface TaskSourceRead {
  /** Null if there are none, or after reporting what is wrong. */
  readonly tasks: WrittenTasks | null;
  /** Of the file; null if it was not read. Empty if the design says its tasks itself. */
  readonly digests: Readonly<Record<string, string | null>>;
  /** Of the file, and what the design says of the parameters that the file names. */
  readonly problems: readonly Problem[];
}

/** A hundred thousand tasks of a few hundred bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const POINTER = '/tasks/file';
/** There is no file to fix. */
const AT_DESIGN = ['file.missing', 'file.not_a_file'] as const;

/** `document`: of the design. */
export function readTaskSource(root: string, document: LocatedDocument, spec: TaskSpec | null): TaskSourceRead {
  if (spec === null) return { tasks: null, digests: {}, problems: [] };
  const { source } = spec;
  if (source.kind !== 'file') return { tasks: source, digests: {}, problems: [] };
  const { file } = source;
  const atDesign = (code: Code, why: string): TaskSourceRead => {
    const message = `\`tasks.file\` names ${shown(file)}: ${why}`;
    const problems = [problemIn(document, { pointer: POINTER, code, message })];
    return { tasks: null, digests: { [file]: null }, problems };
  };
  if (leadsOutside(root, join(root, file)) !== null)
    return atDesign('path.escapes', 'a symbolic link leads out of the project; put the file itself there');
  const read = readSource(root, file, MOST_BYTES);
  const [refused] = read.problems;
  const noFile = AT_DESIGN.find((code) => code === refused?.code);
  if (noFile !== undefined && refused !== undefined) return atDesign(noFile, refused.message);
  const digests = { [file]: read.sha256 };
  if (read.text === null) return { tasks: null, digests, problems: read.problems };
  const { value, problems } = parseTaskFile(read.text, file);
  const notes = notesFor(document);
  if (value !== null) checkTaskSource(notes, value, POINTER);
  return { tasks: value, digests, problems: [...problems, ...notes.problems] };
}
