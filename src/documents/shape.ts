import * as z from 'zod';
import { type Code, isCode } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { likelyWord } from '../platform/misspelling.ts';
import { listed, shown } from './excerpt.ts';
import { type LocatedDocument, problemIn, textAt, valueAt } from './located.ts';
import { nameOf, pointerOf } from './pointer.ts';
import { readablePart, without } from './readable-part.ts';

import '../platform/schema-checks.ts';

/** A schema over a located document: every issue becomes a problem with its place, the offending text and advice. */

export interface Shaped<T> {
  /** null if the value does not fit the schema. */
  readonly value: T | null;
  /** The value, or what there is of one that does not fit; null if nothing is. */
  readonly draft: T | null;
  readonly problems: readonly Problem[];
  /** Pointers to the keys that are reported as misspelled, as they should be. */
  readonly meant: readonly string[];
}

/** The part of a document, as a pointer, that a launch could do without if the value at a pointer is wrong; null if it could not. */
export type Unused = (pointer: string) => string | null;

/** The first of the parts that a pointer lies in. */
export function unusedParts(parts: readonly string[]): Unused {
  return (pointer) => parts.find((part) => pointer === part || pointer.startsWith(`${part}/`)) ?? null;
}

/** Names of keys whose misspelling is an error: `artifacts`, `artifacts[].required`, `profiles.*.mode`. */
export type Decisive = readonly string[];

/** Dotted names (list indexes as `[]`) → advice, for values whose type alone does not explain it. */
export type Examples = Readonly<Record<string, string>>;

/** More than a document's list of problems holds; a list of 400,000 wrong values would take seconds to describe. */
const MOST_ISSUES = 100;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

/** How a present value is described; '' if it is missing. */
function found(document: LocatedDocument, pointer: string, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'it is an empty list' : 'it is a list';
  if (typeof value === 'object' && value !== null) return 'it is a mapping';
  return `it says ${shown(textAt(document, pointer))}`;
}

/** Quotes distinguish `"2"` from `2`; say so if that is the only mistake. */
function quotingAdvice(expected: string, value: unknown, text: string): string {
  if (expected === 'string' && ['number', 'boolean'].includes(typeof value)) return `; put it in quotes: "${text}"`;
  const number = expected === 'number' || expected === 'int';
  if (number && typeof value === 'string' && /^-?\d+$/.test(value)) return `; leave the quotes out: ${value}`;
  if (expected === 'boolean' && typeof value === 'string' && /^(?:true|false|yes|no|on|off)$/i.test(value)) {
    return `; write ${/^(?:true|yes|on)$/i.test(value) ? 'true' : 'false'}`;
  }
  return '';
}

function wantedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return listed(issue.values.map(String));
  return 'a value';
}

interface Finding {
  readonly code: Code;
  readonly text: string;
}

function judge(issue: z.core.$ZodIssue, document: LocatedDocument, pointer: string, value: unknown): Finding {
  const it = found(document, pointer, value);
  switch (issue.code) {
    case 'invalid_type':
      return {
        code: 'value.type',
        text: `must be ${wantedBy(issue)}; ${it}${quotingAdvice(issue.expected, value, textAt(document, pointer))}`,
      };
    case 'invalid_value': {
      const likely = typeof value === 'string' ? likelyWord(value, issue.values.map(String)) : null;
      return {
        code: 'value.invalid',
        text: `must be ${wantedBy(issue)}; ${it}${likely === null ? '' : `; did you mean ${shown(likely)}?`}`,
      };
    }
    case 'too_small':
      return {
        code: 'value.invalid',
        text:
          issue.origin === 'string' || issue.origin === 'array'
            ? 'must not be empty'
            : `must be at least ${String(issue.minimum)}; ${it}`,
      };
    case 'too_big':
      return { code: 'value.invalid', text: `must be at most ${String(issue.maximum)}; ${it}` };
    case 'custom': {
      const code: unknown = issue.params?.['code'];
      return {
        code: typeof code === 'string' && isCode(code) ? code : 'value.invalid',
        // A secret is not repeated.
        text: issue.params?.['secret'] === true ? issue.message : `${issue.message}; ${it}`,
      };
    }
    default:
      return { code: 'value.invalid', text: `${issue.message}; ${it}` };
  }
}

function problemOf(issue: z.core.$ZodIssue, document: LocatedDocument, examples: Examples): Problem {
  const pointer = pointerOf(issue.path);
  const name = nameOf(pointer);
  const example = examples[name.replaceAll(/\[\d+\]/g, '[]')];
  const value = valueAt(document, pointer);
  if (value === undefined || value === null) {
    const message = `${shown(name)} is missing; write ${example ?? wantedBy(issue)}`;
    return problemIn(document, { pointer, code: 'value.missing', message });
  }
  const { code, text } = judge(issue, document, pointer, value);
  const message = `${name === '' ? 'the file' : shown(name)} ${text}${example === undefined || text.endsWith('?') ? '' : `; write ${example}`}`;
  return problemIn(document, { pointer, code, message });
}

function inside(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault)
    inner = inner.unwrap();
  return inner;
}

/** The one key that no record of checked values can hold: it would be dropped silently. */
const NO_KEY = '__proto__';

function refuseKey(document: LocatedDocument, path: readonly string[]): Problem {
  const message = `the key ${shown(NO_KEY)} cannot be used here; choose another name, or remove it`;
  return problemIn(document, { pointer: pointerOf(path), code: 'value.invalid', message, atKey: true });
}

interface Unknown {
  readonly problem: Problem;
  /** Pointer to the key that was probably meant; null if the problem is another one. */
  readonly meant: string | null;
}

interface Within {
  readonly document: LocatedDocument;
  readonly decisive: Decisive;
  readonly path: readonly string[];
  /** The same as a name: `profiles.*.mode`, `artifacts[].path`. */
  readonly name: string;
}

function inner(within: Within, key: string, name: string): Within {
  const joined = within.name === '' || name === '[]' ? `${within.name}${name}` : `${within.name}.${name}`;
  return { ...within, path: [...within.path, key], name: joined };
}

/** Unknown keys that resemble a known one. Other keys belong to the user and are not reported. */
function unknownKeys(within: Within, schema: unknown, value: unknown): Unknown[] {
  const known = inside(schema);
  if (typeof value !== 'object' || value === null) return [];
  if (known instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownKeys(inner(within, String(index), '[]'), known.element, item));
  }
  if (Array.isArray(value)) return [];
  const refused = (key: string): Unknown => ({
    problem: refuseKey(within.document, [...within.path, key]),
    meant: null,
  });
  const entries = Object.entries(value);
  if (known instanceof z.ZodRecord)
    return entries.flatMap(([key, item]) =>
      key === NO_KEY ? [refused(key)] : unknownKeys(inner(within, key, '*'), known.valueType, item),
    );
  if (!(known instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, unknown>> = known.shape;
  const absent = Object.keys(shape).filter((key) => !Object.hasOwn(value, key));
  return entries.flatMap(([key, item]) => {
    if (key === NO_KEY) return [refused(key)];
    if (Object.hasOwn(shape, key)) return unknownKeys(inner(within, key, key), shape[key], item);
    const likely = likelyWord(key, absent);
    return likely === null ? besideRight(within, key, Object.keys(shape)) : [misspelled(within, key, likely)];
  });
}

/** Words of their own, although they resemble keys. */
const OWN_WORDS = ['state', 'include', 'mode', 'node', 'core'];

/** A misspelled key beside the right one: an error if that one counts; otherwise it may be the user's own. */
function besideRight(within: Within, key: string, known: readonly string[]): readonly Unknown[] {
  const { document, decisive, path } = within;
  const likely = OWN_WORDS.includes(key) ? null : likelyWord(key, known);
  if (likely === null || !decisive.includes(inner(within, likely, likely).name)) return [];
  const message = `the key ${shown(key)} is not known and has no effect beside ${shown(likely)}; remove one of them`;
  const pointer = pointerOf([...path, key]);
  return [{ problem: problemIn(document, { pointer, code: 'value.unknown_key', message, atKey: true }), meant: null }];
}

/** An error if the key that was probably meant changes what is required, or what runs. */
function misspelled(within: Within, key: string, likely: string): Unknown {
  const { document, decisive, path } = within;
  const severity = decisive.includes(inner(within, likely, likely).name) ? 'error' : 'warning';
  const message = `the key ${shown(key)} is not known and has no effect; did you mean ${shown(likely)}?`;
  const pointer = pointerOf([...path, key]);
  return {
    problem: problemIn(document, { pointer, code: 'value.unknown_key', severity, message, atKey: true }),
    meant: pointerOf([...path, likely]),
  };
}

/**
 * Checks a well-formed document; any other gives null and its own problems. A key that is missing because it is misspelled
 * is reported once.
 */
export function shape<S extends z.ZodType>(
  document: LocatedDocument,
  schema: S,
  examples: Examples = {},
  decisive: Decisive = [],
  unused: Unused = () => null,
): Shaped<z.infer<S>> {
  if (document.value === undefined) return { value: null, draft: null, problems: document.problems, meant: [] };
  const first = schema.safeParse(document.value);
  const unknown = unknownKeys({ document, decisive, path: [], name: '' }, schema, document.value);
  const meant = unknown.flatMap((one) => (one.problem.severity === 'error' ? (one.meant ?? []) : []));
  const issues = first.success
    ? []
    : first.error.issues.slice(0, MOST_ISSUES).map((issue) => problemOf(issue, document, examples));
  const found = [...unknown.map(({ problem }) => problem), ...unlessMeant(issues, meant)];
  const problems = [...document.problems, ...found.map((problem) => unlessUsed(problem, unused))];
  const parts = issues.flatMap(({ pointer }) => (pointer === null ? [] : (unused(pointer) ?? [])));
  const result = parts.length === 0 ? first : schema.safeParse(without(document.value, new Set(parts)));
  const draft = result.success ? result.data : readablePart(document.value, schema);
  return { value: result.success ? result.data : null, draft, problems, meant };
}

/** Nothing that a launch does not use stops it. */
export function unlessUsed(problem: Problem, unused: Unused): Problem {
  const { severity, pointer, message } = problem;
  if (severity === 'warning' || pointer === null || unused(pointer) === null) return problem;
  return {
    ...problem,
    severity: 'warning',
    message: message.endsWith('?')
      ? `${message} This launch does not use it`
      : `${message}; this launch does not use it`,
  };
}

/** Without those about keys that are missing because they are misspelled. */
export function unlessMeant(problems: readonly Problem[], meant: readonly string[]): readonly Problem[] {
  const isMeant = (pointer: string | null): boolean =>
    pointer !== null && meant.some((key) => key === pointer || key.startsWith(`${pointer}/`));
  return problems.filter(({ code, pointer }) => code !== 'value.missing' || !isMeant(pointer));
}
