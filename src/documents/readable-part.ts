import type * as z from 'zod';
import { pathOf, pointerOf } from './pointer.ts';

import '../platform/schema-checks.ts';

/** Removing a part may leave a larger one without something that it needs. */
const MOST_ROUNDS = 20;

/**
 * What there is of a document that does not fit its schema: the document without the parts that do not fit, enough to
 * find what else is wrong with it. null if nothing fits. Pure.
 */
export function readablePart<S extends z.ZodType>(whole: unknown, schema: S): z.infer<S> | null {
  let rest = whole;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = schema.safeParse(rest);
    if (result.success) return result.data;
    const parts = result.error.issues.map(({ path }) => pointerOf(isIn(rest, path) ? path : path.slice(0, -1)));
    if (parts.includes('')) return null;
    rest = without(rest, new Set(parts));
  }
  return null;
}

function isIn(value: unknown, path: readonly PropertyKey[]): boolean {
  let inner = value;
  for (const part of pathOf(pointerOf(path))) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, part)) return false;
    inner = (inner as Readonly<Record<string, unknown>>)[part];
  }
  return true;
}

/** The value without some of its parts, given as pointers. */
export function without(value: unknown, pointers: ReadonlySet<string>, at = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const pointer = `${at}${pointerOf([key])}`;
    return pointers.has(pointer) ? [] : [[key, without(item, pointers, pointer)]];
  });
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}
