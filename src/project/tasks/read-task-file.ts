import type { Parsed } from '../../errors/problem.ts';
import { readJsonLines } from './read-json-lines.ts';
import { readTable } from './read-table.ts';
import { taskFileEnd } from './task-file-path.ts';
import { FileNotes, type TaskRows } from './task-rows.ts';
import { whyTooLarge } from './task-sizes.ts';
import { MOST_TASKS, type WrittenTasks } from './task-spec.ts';
import { repeatedRows } from './task-values.ts';

/** The tasks of a .csv, .tsv or .jsonl file, with the place of every problem in that file. Pure. */
export function parseTaskFile(text: string, file: string): Parsed<WrittenTasks> {
  const notes = new FileNotes(file, text);
  const end = taskFileEnd(file);
  const read = end === '.jsonl' ? readJsonLines(text, notes) : readTable(text, end === '.tsv' ? '\t' : ',', notes);
  if (read === null || notes.problems.length > 0) {
    if (notes.problems.length === 0) notes.add(0, 'file.empty', 'the file has no tasks');
    return notes.result<WrittenTasks>(null);
  }
  return notes.result(judged(read, notes));
}

function judged({ names, rows }: TaskRows, notes: FileNotes): WrittenTasks | null {
  const source = { kind: 'list', names, rows: rows.map(({ values }) => values) } as const;
  const isMore = rows.length > MOST_TASKS;
  const reason = isMore ? `has more than ${MOST_TASKS} tasks, and a run takes at most that many` : whyTooLarge(source);
  if (reason !== null) {
    notes.add(0, rows.length === 0 ? 'value.missing' : 'value.invalid', `the file ${reason}`);
    return null;
  }
  for (const { at, first } of repeatedRows(source.rows)) {
    const line = notes.lineOf(rows[first]?.offset ?? 0);
    notes.add(
      rows[at]?.offset ?? 0,
      'value.conflict',
      `this is the same task as that of line ${line}; remove one of them`,
    );
  }
  return source;
}
