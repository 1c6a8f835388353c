/**
 * What stands in a file of `receipt/`, field by field. Pure. The folder belongs to the run, which can write anything, so
 * every field is checked where it is read.
 */

export type ReceiptFields = Readonly<Record<string, unknown>>;

/** Returns null if there is no file, or if it does not hold a JSON object. */
export function parseFields(text: string | null): ReceiptFields | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
