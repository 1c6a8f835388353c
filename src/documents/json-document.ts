import type { Problem } from '../errors/problem.ts';
import { shown } from './excerpt.ts';
import { scanJson } from './json-scan.ts';
import { type LocatedDocument, problemAtOffset, problemOfFile } from './located.ts';
import { placesOf } from './positions.ts';

/** A JSON text whose top level is an object, with the position of every value. Never throws. */
export function jsonDocument(source: string, file: string): LocatedDocument {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const placeAt = placesOf(text);
  const refused = (problem: Problem): LocatedDocument => ({
    file,
    text,
    value: undefined,
    problems: [problem],
    root: null,
    placeAt,
  });
  if (text.trim() === '')
    return refused(problemOfFile(file, 'file.empty', 'the file is empty; it should hold a JSON object'));
  const result = scanJson(text);
  if (!result.ok) return refused(problemAtOffset(file, placeAt(result.offset), 'file.syntax', result.message));
  const { root, duplicates } = result.scan;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(
      problemAtOffset(
        file,
        placeAt(root.start),
        'value.type',
        'the file should hold a JSON object: `{ "key": value, … }`',
        [],
      ),
    );
  }
  const problems = duplicates.map(({ path, offset }) => {
    const message = `duplicate key ${shown(path.at(-1) ?? '')}; remove one of the two`;
    return problemAtOffset(file, placeAt(offset), 'file.duplicate_key', message, path);
  });
  return { file, text, value: value as Record<string, unknown>, problems, root, placeAt };
}
