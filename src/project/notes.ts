import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { shown } from './excerpt.ts';
import { problemIn, type LocatedDocument } from './located.ts';
import { nameOf } from './pointer.ts';

/** Collects what the rules of one document find, so that every rule runs and every problem is told. */
export interface Notes {
  readonly document: LocatedDocument;
  readonly problems: readonly Problem[];
  /** `message` is worded to follow the field's name. */
  readonly error: (pointer: string, code: Code, message: string) => void;
  readonly warn: (pointer: string, code: Code, message: string) => void;
}

export function notesFor(document: LocatedDocument): Notes {
  const problems: Problem[] = [];
  const add = (severity: 'error' | 'warning') => (pointer: string, code: Code, message: string) => {
    problems.push(problemIn(document, { pointer, code, severity, message: `${shown(nameOf(pointer))} ${message}` }));
  };
  return { document, problems, error: add('error'), warn: add('warning') };
}
