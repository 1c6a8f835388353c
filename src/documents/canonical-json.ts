import { NumberText } from './json-scan.ts';

/** JSON as autolab writes it: sorted keys, two spaces, LF, a last newline. */

function write(value: unknown, indent: string): string {
  if (value instanceof NumberText) return value.raw;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => inner + write(item, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${write(item, inner)}`).join(',\n')}\n${indent}}`;
}

/** Canonical text of a plain value. Numbers kept as `NumberText` are written as they were. */
export function canonicalJson(value: unknown): string {
  return `${write(value, '')}\n`;
}
