import { shown } from '../documents/excerpt.ts';
import { markdownLines } from '../documents/markdown-lines.ts';
import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { sha256 } from '../platform/ids.ts';
import { likelyWord } from '../platform/misspelling.ts';
import { STAGES } from './state.ts';

/** `docs/todo.md`: checkbox lines with a stage, such as `- [ ] raise the time limit (stage: launch)`. Pure. */

export const TODO_LIST_FILE = 'docs/todo.md';

export interface ListedTask {
  readonly task_id: string;
  readonly stage: string;
  /** Without its marks. */
  readonly text: string;
  readonly done: boolean;
  readonly line: number;
  /** The offset of the character in the box. */
  readonly box: number;
}

const ITEM = /^(\s*(?:[-*+]|\d{1,9}[.)])\s+\[)([ xX])\](?=\s|$)(.*)$/;
/** `(stage: launch)`, `(id: t3)`; square brackets will do, too. */
const MARK = /[([]\s*(stage|id)\s*:([^()[\]]*)[)\]]/gi;

interface Marked extends Omit<ListedTask, 'task_id' | 'stage'> {
  readonly stage: string | null;
  readonly id: string | null;
}

/** `text` is without a byte order mark. Lines without a stage are the author's own. */
export function parseTodoList(text: string): {
  readonly tasks: readonly ListedTask[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const complain = (line: number, code: Code, message: string, severity: Problem['severity'] = 'error'): void => {
    problems.push({ file: TODO_LIST_FILE, line, column: 1, pointer: null, code, severity, message });
  };
  const tasks: ListedTask[] = [];
  const lineOf = new Map<string, number>();
  for (const { stage, id, ...item } of markedItems(text)) {
    if (stage === null) continue;
    const isKnown = STAGES.some((known) => known === stage);
    const meant = isKnown ? null : likelyWord(stage, STAGES);
    if (meant !== null)
      complain(item.line, 'value.invalid', `there is no stage ${shown(stage)}; did you mean ${shown(meant)}?`);
    else if (!isKnown)
      complain(
        item.line,
        'value.invalid',
        `autolab knows no stage ${shown(stage)}, only ${STAGES.join(', ')}`,
        'warning',
      );
    if (item.text === '') complain(item.line, 'value.missing', 'the task has no text; write what is to be done');
    const before = id === null ? undefined : lineOf.get(id);
    if (id !== null && before !== undefined)
      complain(item.line, 'value.conflict', `the id ${shown(id)} is that of line ${before}, too; choose another`);
    const task_id = id ?? derivedId(item.text, lineOf);
    lineOf.set(task_id, item.line);
    tasks.push({ ...item, task_id, stage });
  }
  return { tasks, problems };
}

function markedItems(text: string): readonly Marked[] {
  return markdownLines(text).flatMap(({ text: line, hidden, number, start }) => {
    const [, head = '', mark = ' ', rest = ''] = (hidden ? null : ITEM.exec(line)) ?? [];
    if (head === '') return [];
    const marks = new Map(
      [...rest.matchAll(MARK)].map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]),
    );
    return [
      {
        stage: marks.get('stage')?.toLowerCase() || null,
        id: marks.get('id') || null,
        text: rest
          .replaceAll(MARK, ' ')
          .replaceAll(/[\s\p{Cc}]+/gu, ' ')
          .trim(),
        done: mark !== ' ',
        line: number,
        box: start + head.length,
      },
    ];
  });
}

/** Of the text, so that it stays when lines move; the second task with the same words gets a number. */
function derivedId(text: string, taken: ReadonlyMap<string, unknown>): string {
  const id = `t-${sha256(text).slice(0, 8)}`;
  let number = 1;
  while (taken.has(number === 1 ? id : `${id}-${number}`)) number += 1;
  return number === 1 ? id : `${id}-${number}`;
}

/** The list with the box of one task ticked: one character changes. */
export function tickTask(text: string, { box }: Pick<ListedTask, 'box'>): string {
  return `${text.slice(0, box)}x${text.slice(box + 1)}`;
}
