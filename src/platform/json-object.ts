/**
 * Reads a JSON object from an untrusted writer, key by key. Pure. A key is checked when it is read: a value of an
 * unexpected type counts as missing.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns null if there is no text, or if it does not hold a JSON object. */
export function parseObject(text: string | null): JsonObject | null {
  try {
    return objectOrNull(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}

export function objectOrNull(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
