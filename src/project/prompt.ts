import { listed, shown } from '../documents/excerpt.ts';
import { parsed, problemAtOffset } from '../documents/located.ts';
import { placesOf } from '../documents/positions.ts';
import type { Code } from '../errors/catalog.ts';
import type { Parsed, Problem } from '../errors/problem.ts';

/** A stage's prompt template: text with `{{name}}` in it, resolved strictly and once (R8). */

const PROMPT_PLACEHOLDERS = ['iteration_id', 'run_id', 'launch_mode', 'stage_context'] as const;

/** More than these do not help; a template of a megabyte of braces would take seconds to describe. */
const MOST_PROBLEMS = 100;
const NAME_AND_END = /\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}/y;

/**
 * The template with every placeholder resolved. A placeholder that is unknown, has no value (missing or empty) or is
 * malformed is a problem with its place, and then there is no text. Values are not read again: `{{` in a value stays.
 */
export function renderPrompt(template: string, file: string, values: Readonly<Record<string, string>>): Parsed<string> {
  const placeAt = placesOf(template);
  const problems: Problem[] = [];
  const parts: string[] = [];
  let from = 0;
  for (let at = template.indexOf('{{'); at >= 0 && problems.length < MOST_PROBLEMS; at = template.indexOf('{{', from)) {
    parts.push(template.slice(from, at));
    NAME_AND_END.lastIndex = at;
    const match = NAME_AND_END.exec(template);
    const name = match?.[1] ?? '';
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (match === null) problems.push(malformed(template, file, at, placeAt));
    else if (value === undefined || value === '') problems.push(unresolved(name, values, file, placeAt(at)));
    else parts.push(value);
    from = at + (match?.[0].length ?? 2);
  }
  parts.push(template.slice(from));
  return parsed(file, parts.join(''), problems);
}

function malformed(template: string, file: string, at: number, placeAt: ReturnType<typeof placesOf>): Problem {
  const excerpt = template.slice(at, at + 40).split('\n')[0] ?? '';
  return problemAtOffset(
    file,
    placeAt(at),
    'placeholder.unknown',
    `${shown(excerpt)} begins a placeholder and is not one; write \`{{name}}\``,
  );
}

function unresolved(
  name: string,
  values: Readonly<Record<string, string>>,
  file: string,
  place: { line: number; column: number },
): Problem {
  const known = [...new Set<string>([...PROMPT_PLACEHOLDERS, ...Object.keys(values)])];
  const [code, message]: [Code, string] = known.includes(name)
    ? ['placeholder.unresolved', `the placeholder ${shown(`{{${name}}}`)} has no value here`]
    : [
        'placeholder.unknown',
        `the placeholder ${shown(`{{${name}}}`)} is not known; write ${listed(known.map((word) => `{{${word}}}`))}`,
      ];
  return problemAtOffset(file, place, code, message);
}
