/** Lines of JSON objects that a program wrote, perhaps badly. Pure. */

/** A last line without its line end is a line like any other: the program may have died in the middle of it. */
export function parseLines<Value>(
  text: string,
  read: (value: Readonly<Record<string, unknown>>) => Value | null,
): { readonly values: readonly Value[]; readonly bad_lines: number } {
  const values: Value[] = [];
  let bad = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = objectIn(line);
    const point = value === null ? null : read(value);
    if (point === null) bad += 1;
    else values.push(point);
  }
  return { values, bad_lines: bad };
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
