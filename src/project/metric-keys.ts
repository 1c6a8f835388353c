import { listed, shown } from '../documents/excerpt.ts';
import { problemIn } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import { pointerOf } from '../documents/pointer.ts';
import type { Problem } from '../errors/problem.ts';
import { likelyWord } from '../platform/misspelling.ts';
import type { Fields } from './compute/values.ts';

/** The keys of `metrics` and `baselines`. */

/** Notes for readers, and keys of the workflow around autolab. */
const FOR_READERS = /^(?:notes?|description|unit|x[-_].*|success_delta|aggregation|baseline_comparison)$/;

/** Returns null if the value is no mapping. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** Unknown keys: an error if one of the absent keys was probably meant, because a metric would be dropped silently. */
export function checkKeys(
  { document }: Notes,
  pointer: string,
  fields: Fields,
  known: readonly string[],
): readonly Problem[] {
  const absent = known.filter((key) => !Object.hasOwn(fields, key));
  return Object.keys(fields)
    .filter((key) => !known.includes(key) && !FOR_READERS.test(key))
    .map((key) => {
      const likely = likelyWord(key, absent);
      const advice = likely === null ? `; autolab knows ${listed(known, 'and')}` : `; did you mean ${shown(likely)}?`;
      return problemIn(document, {
        pointer: `${pointer}${pointerOf([key])}`,
        code: 'value.unknown_key',
        severity: likely === null ? 'warning' : 'error',
        message: `the key ${shown(key)} is not known and has no effect${advice}`,
        atKey: true,
      });
    });
}
