import { sortKeys } from './canonical.ts';

/**
 * JSON in few lines, for projects that limit the lines of a manifest: sorted keys and two spaces as in every file, but
 * what holds no more than values and lists of values, or is short, stands on one line, and so does each task. Pure.
 */
export function compactFile(value: unknown): string {
  return `${written(sortKeys(value), '')}\n`;
}

/** Columns of a line that holds something nested. */
const SHORT = 120;

/** Its items are like lines of a table. */
const TABLE = 'first_failures';

function written(value: unknown, indent: string, key: string | null = null): string {
  const line = onOneLine(value);
  if (!isNested(value) || indent.length + line.length <= SHORT) return line;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${deeper}${key === TABLE ? onOneLine(item) : written(item, deeper)}`);
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const items = Object.entries(value).map(
    ([name, item]) => `${deeper}${JSON.stringify(name)}: ${written(item, deeper, name)}`,
  );
  return `{\n${items.join(',\n')}\n${indent}}`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (!isContainer(value)) return JSON.stringify(value);
  const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${onOneLine(item)}`);
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
}

/** Whether it holds more than values and lists of values. */
function isNested(value: unknown): value is object {
  if (!isContainer(value)) return false;
  const held = Object.values(value).filter((item) => isContainer(item) && Object.keys(item).length > 0);
  return held.some((item) => (!Array.isArray(value) && Array.isArray(item) ? item.some(isContainer) : true));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
