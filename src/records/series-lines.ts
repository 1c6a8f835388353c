/** Lines of JSON objects that a program wrote, perhaps badly. Pure. */

export type LineObject = Readonly<Record<string, unknown>>;

/** A last line without its line end is a line like any other: the program may have died in the middle of it. */
export function parseLines<Value>(
  text: string,
  read: (value: LineObject) => Value | null,
): { readonly values: readonly Value[]; readonly bad_lines: number } {
  const values: Value[] = [];
  let bad = 0;
  for (const line of eachLine(text)) {
    if (line.trim() === '') continue;
    const value = objectIn(line);
    const point = value === null ? null : read(value);
    if (point === null) bad += 1;
    else values.push(point);
  }
  return { values, bad_lines: bad };
}

/** One by one: a long text would become millions of texts at once. */
export function* eachLine(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? undefined : end);
    start = end === -1 ? text.length : end + 1;
  }
}

/** Null if that is no JSON object. NaN and Infinity, which Python writes, are no JSON: they count as null. */
export function objectIn(line: string): LineObject | null {
  const value = valueIn(line) ?? (/NaN|Infinity/.test(line) ? valueIn(withoutNaN(line)) : null);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LineObject) : null;
}

function valueIn(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}

/** Texts stay as they are. */
function withoutNaN(line: string): string {
  return line.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (word) => (word.startsWith('"') ? word : 'null'));
}
