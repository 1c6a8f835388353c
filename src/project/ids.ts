import { invisibleInName } from '../documents/characters.ts';

/**
 * Ids that become part of paths. Each check returns the reason against an id, phrased to follow the field's name, or
 * null.
 */

const LONGEST_ID_BYTES = 128;
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const LITERAL_PLACEHOLDER = /^<[^>]*>$|\{\{|\}\}|<(?:RUN|ITERATION|EXPERIMENT)_ID>/i;

/** Whether an id may name a folder (R9, R10). */
export function checkPathId(id: string): string | null {
  if (id === '') return 'must not be empty';
  if (LITERAL_PLACEHOLDER.test(id))
    return 'is a placeholder that was never filled in; write the id itself, such as `iter1`';
  const invisible = invisibleInName(id);
  if (invisible !== null)
    return `contains the invisible character ${invisible}; use letters, digits, \`.\`, \`_\` and \`-\``;
  if (id.startsWith('.')) return 'must not begin with a dot';
  if (id.startsWith('-')) return 'must not begin with `-`: programs would take it for an option';
  if (/[/\\]/.test(id)) return 'must not contain a slash: it names one folder';
  // The ledger separates its fields with it.
  if (id.includes('|')) return 'must not contain `|`';
  if (id.trim() !== id) return 'must not begin or end with a space';
  if (Buffer.byteLength(id) > LONGEST_ID_BYTES) return `must not be longer than ${LONGEST_ID_BYTES} bytes`;
  return null;
}

/** Whether a run id matches the pattern of R10. */
export function checkRunId(id: string): string | null {
  if (RUN_ID.test(id)) return null;
  return 'must begin with a letter or digit, and go on with at most 63 letters, digits, `.`, `_` or `-`';
}

/** The name itself, or with the first number from 2 that is free. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number += 1) if (!isTaken(`${name}-${number}`)) return `${name}-${number}`;
}
