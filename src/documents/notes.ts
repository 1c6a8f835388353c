import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { shown } from './excerpt.ts';
import { type LocatedDocument, problemIn } from './located.ts';
import { nameOf } from './pointer.ts';

/** Collects the findings of the rules for one document, so that every rule runs and every problem is reported. */
export interface Notes {
  readonly document: LocatedDocument;
  readonly problems: readonly Problem[];
  /** `message` is phrased to follow the field's name. */
  readonly error: (pointer: string, code: Code, message: string) => void;
  readonly warn: (pointer: string, code: Code, message: string) => void;
}

/** Many more than are reported; looking up the place of each of a hundred thousand would take too long. */
const MOST_NOTES = 200;

export function notesFor(document: LocatedDocument): Notes {
  const problems: Problem[] = [];
  let failed = false;
  const add = (severity: 'error' | 'warning') => (pointer: string, code: Code, message: string) => {
    if (problems.length >= MOST_NOTES && (failed || severity === 'warning')) return;
    failed ||= severity === 'error';
    problems.push(problemIn(document, { pointer, code, severity, message: `${shown(nameOf(pointer))} ${message}` }));
  };
  return { document, problems, error: add('error'), warn: add('warning') };
}
