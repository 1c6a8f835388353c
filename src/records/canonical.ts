/** JSON as autolab writes it: sorted keys, so that equal values are equal bytes. Pure. */

export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // Code unit order, not the locale's: the same everywhere.
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

/** One line, no spaces: a journal line, or input for a digest. */
export function canonicalLine(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

/** Two spaces and a last newline: a file that the user reads. */
export function canonicalFile(value: unknown): string {
  return `${JSON.stringify(sortKeys(value), null, 2)}\n`;
}
