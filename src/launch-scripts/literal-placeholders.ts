import { PLACEHOLDERS } from './entrypoint.ts';

/**
 * Placeholders that were not filled in (R9). Braces count only around a name, so that `docker inspect -f '{{.State}}'`
 * in an activation and JSON are left alone; angle brackets only around the names that our documents use. Pure.
 */
const NAMES = [...PLACEHOLDERS, 'experiment_id', 'launch_mode', 'stage_context'].map((name) => name.toUpperCase());
const LITERAL = new RegExp(`<(?:${NAMES.join('|')})>|\\{\\{\\s*[A-Za-z_][\\w.-]*\\s*\\}\\}`, 'g');

export interface LiteralPlaceholder {
  readonly text: string;
  /** In UTF-16 units from the beginning. */
  readonly offset: number;
}

export function findLiteralPlaceholders(text: string): LiteralPlaceholder[] {
  return [...text.matchAll(LITERAL)].map((match) => ({ text: match[0], offset: match.index }));
}
