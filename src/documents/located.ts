import type { Code } from '../errors/catalog.ts';
import type { Parsed, Problem, Severity } from '../errors/problem.ts';
import { pathOf, pointerOf } from './pointer.ts';
import type { Place } from './positions.ts';

/** A document in which every value has its position, in any language. */

/** One value of the source text: [start, end), where its key starts, and what is in it by key or index. */
export interface SourceNode {
  readonly start: number;
  readonly end: number;
  readonly keyStart: number | null;
  readonly children: ReadonlyMap<string, SourceNode>;
}

export interface LocatedDocument {
  /** Path relative to the project root. */
  readonly file: string;
  readonly text: string;
  /** Plain JavaScript; undefined if the text is not well-formed or not a mapping. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** Problems of the text itself: syntax, duplicate keys, aliases. */
  readonly problems: readonly Problem[];
  readonly root: SourceNode | null;
  readonly placeAt: (offset: number) => Place;
}

const NO_CHILDREN: ReadonlyMap<string, SourceNode> = new Map();
const MOST_PROBLEMS = 50;

export function leafNode(start: number, end: number, keyStart: number | null = null): SourceNode {
  return { start, end, keyStart, children: NO_CHILDREN };
}

function nodeAt(document: LocatedDocument, pointer: string): { node: SourceNode | null; exact: boolean } {
  let node = document.root;
  for (const part of pathOf(pointer)) {
    const child = node?.children.get(part);
    if (child === undefined) return { node, exact: false };
    node = child;
  }
  return { node, exact: node !== null };
}

/** The position of a value; if there is none, the key of the nearest existing parent. */
export function locate(document: LocatedDocument, pointer: string): Place {
  const { node, exact } = nodeAt(document, pointer);
  if (node === null) return { line: 1, column: 1 };
  return document.placeAt(exact ? node.start : (node.keyStart ?? node.start));
}

/** The position of a value's key. */
export function locateKey(document: LocatedDocument, pointer: string): Place {
  const { node } = nodeAt(document, pointer);
  return node === null ? { line: 1, column: 1 } : document.placeAt(node.keyStart ?? node.start);
}

/** A value as written; '' if there is none. */
export function textAt(document: LocatedDocument, pointer: string): string {
  const { node, exact } = nodeAt(document, pointer);
  return node === null || !exact ? '' : document.text.slice(node.start, node.end);
}

/**
 * The text of a number or boolean as written: `3.10` and `3.1` may differ to a program. For an alias or a quoted scalar
 * with a tag, its value.
 */
export function writtenAt(document: LocatedDocument, pointer: string, value: unknown): string {
  const written = textAt(document, pointer);
  // A mapping may have a key of any name, such as `toString`.
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return /^[\w.+-]/.test(written) || !isScalar ? written : String(value);
}

/** The parsed value at a pointer; undefined if there is none. */
export function valueAt(document: LocatedDocument, pointer: string): unknown {
  let value: unknown = document.value;
  for (const part of pathOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

export interface Complaint {
  readonly pointer: string;
  readonly code: Code;
  readonly message: string;
  readonly severity?: Severity;
  /** Point at the key rather than at the value. */
  readonly atKey?: boolean;
}

/** Line and column are enough for a key of any length. */
const LONGEST_POINTER = 4096;

function bounded(pointer: string): string | null {
  return pointer.length <= LONGEST_POINTER ? pointer : null;
}

export function problemIn(document: LocatedDocument, complaint: Complaint): Problem {
  const place = complaint.atKey === true ? locateKey(document, complaint.pointer) : locate(document, complaint.pointer);
  return {
    file: document.file,
    line: place.line,
    column: place.column,
    pointer: bounded(complaint.pointer),
    code: complaint.code,
    severity: complaint.severity ?? 'error',
    message: complaint.message,
  };
}

export function problemAtOffset(
  file: string,
  place: Place,
  code: Code,
  message: string,
  path: readonly PropertyKey[] | null = null,
): Problem {
  return {
    file,
    line: place.line,
    column: place.column,
    pointer: path === null ? null : bounded(pointerOf(path)),
    code,
    severity: 'error',
    message,
  };
}

/** A problem with a file as a whole. */
export function problemOfFile(file: string, code: Code, message: string): Problem {
  return { file, line: null, column: null, pointer: null, code, severity: 'error', message };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

function byPlace(left: Problem, right: Problem): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

/** The answer of a parser: problems in the order of the file, and no value if one of them is an error. */
export function parsed<T>(file: string, value: T | null, problems: readonly Problem[]): Parsed<T> {
  const inOrder = [...problems].sort(byPlace);
  const kept = inOrder.slice(0, MOST_PROBLEMS);
  const left = inOrder.slice(MOST_PROBLEMS);
  const severity = hasErrors(left) ? 'error' : 'warning';
  if (left.length > 0) {
    const message = 'there are more problems in this file than are listed; fix those above first';
    kept.push({ ...problemOfFile(file, 'value.invalid', message), severity });
  }
  return { value: hasErrors(kept) ? null : value, problems: kept };
}
