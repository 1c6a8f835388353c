import { NumberText } from './json-scan.ts';

/** JSON as autolab writes it: sorted keys, two spaces, LF, a last newline. */

/** How a value is laid out. */
export interface JsonLayout {
  /** Of the line that it begins on. */
  readonly indent: string;
  /** More indent of what is in it; null puts everything on one line. */
  readonly unit: string | null;
}

/** Sorted keys, whatever the layout. Numbers kept as `NumberText` are written as they were. */
export function jsonText(value: unknown, { indent, unit }: JsonLayout): string {
  if (value instanceof NumberText) return value.raw;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = { indent: unit === null ? '' : `${indent}${unit}`, unit };
  const lines = (open: string, items: readonly string[], close: string): string => {
    if (items.length === 0) return `${open}${close}`;
    if (unit === null) return `${open}${items.join(', ')}${close}`;
    return `${open}\n${items.map((item) => inner.indent + item).join(',\n')}\n${indent}${close}`;
  };
  if (Array.isArray(value))
    return lines(
      '[',
      value.map((item) => jsonText(item, inner)),
      ']',
    );
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return lines(
    '{',
    entries.map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, inner)}`),
    '}',
  );
}

/** Canonical text of a plain value. Numbers kept as `NumberText` are written as they were. */
export function canonicalJson(value: unknown): string {
  return `${jsonText(value, { indent: '', unit: '  ' })}\n`;
}
