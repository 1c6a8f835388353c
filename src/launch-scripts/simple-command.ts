import { partOfVariable, type Word, type WordPart } from './entrypoint.ts';

/**
 * Reads one simple command of a shell script, as far as needed to compare its words with a design's entrypoint: quotes,
 * backslashes, continued lines, and autolab's own variables. Any other shell expansion makes a word that equals no
 * other. Pure.
 */

type Part = WordPart | { readonly expansion: string };

/** What ends a simple command; a redirection ends the part that is compared. */
const ENDS = new Set(['\n', ';', '&', '|', '<', '>', '(', ')']);
const SPACES = new Set([' ', '\t']);

export interface FoundCommand {
  /** The words before it: `exec --`, `srun`, `time`. Words with expansions are null. */
  readonly before: readonly (string | null)[];
  /** Offset after the last word: of a redirection, or of the end of the command. */
  readonly end: number;
}

/** Whether the command that begins at `start` consists of the given words, perhaps after others; null if not. */
export function commandAt(text: string, start: number, words: readonly Word[]): FoundCommand | null {
  const wanted = words.map((word) => key(word));
  const read = readWords(text, start, wordLimit(words));
  const found = read.words.map((word) => key(word));
  const first = found.length - wanted.length;
  if (first < 0 || !wanted.every((word, index) => word === found[first + index])) return null;
  return { before: read.words.slice(0, first).map(literalOf), end: read.end };
}

function literalOf(parts: readonly Part[]): string | null {
  if (!parts.every((part) => 'literal' in part)) return null;
  return parts.map((part) => part.literal).join('');
}

/** Far more than the quoted words can need, so that no script takes long to search. */
function wordLimit(words: readonly Word[]): number {
  return 4096 + 8 * words.flat().reduce((sum, part) => sum + ('literal' in part ? part.literal.length : 32) + 3, 0);
}

function key(parts: readonly Part[]): string {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last !== undefined && 'literal' in last && 'literal' in part)
      merged[merged.length - 1] = { literal: last.literal + part.literal };
    else if (!('literal' in part) || part.literal !== '') merged.push(part);
  }
  return JSON.stringify(merged);
}

function readWords(text: string, start: number, limit: number): { words: Part[][]; end: number } {
  const words: Part[][] = [];
  const end = Math.min(text.length, start + limit);
  let position = start;
  while (position < end) {
    const char = text[position] ?? '';
    if (SPACES.has(char)) position += 1;
    else if (text.startsWith('\\\n', position)) position += 2;
    else if (char === '#' || ENDS.has(char)) break;
    else {
      const word = readWord(text, position, end);
      // `2>` is a redirection, not a word.
      if (/^[<>]/.test(text.slice(word.end, word.end + 1)) && /^\d+$/.test(text.slice(position, word.end))) break;
      words.push(word.parts);
      position = word.end;
    }
  }
  return { words, end: position };
}

function readWord(text: string, start: number, end: number): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  let position = start;
  let quoted = false;
  while (position < end) {
    const char = text[position] ?? '';
    if (!quoted && (SPACES.has(char) || ENDS.has(char))) break;
    if (char === '"') {
      quoted = !quoted;
      position += 1;
      continue;
    }
    const piece = readPiece(text, position, end, quoted);
    if (piece.part !== null) parts.push(piece.part);
    position = piece.end;
  }
  return { parts, end: position };
}

interface Piece {
  readonly part: Part | null;
  readonly end: number;
}

/** The part of a word at `position`, which is not a double quote. */
function readPiece(text: string, position: number, end: number, quoted: boolean): Piece {
  const char = text[position] ?? '';
  if (char === "'" && !quoted) {
    const close = text.indexOf("'", position + 1);
    const stop = close < 0 || close > end ? end : close;
    return { part: { literal: text.slice(position + 1, stop) }, end: stop + 1 };
  }
  if (char === '\\') {
    const next = text[position + 1] ?? '';
    const escapes = !quoted || '"\\$`\n'.includes(next);
    return { part: next === '\n' ? null : { literal: escapes ? next : char + next }, end: position + 2 };
  }
  if (char === '$' || char === '`') return readExpansion(text, position);
  // Unquoted `*`, `?`, `[`, `~` and `{` are taken literally: an approximation that finds more, never less.
  return { part: { literal: char }, end: position + 1 };
}

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/y;

function readExpansion(text: string, position: number): Piece {
  VARIABLE.lastIndex = position;
  const match = VARIABLE.exec(text);
  if (match === null) return { part: { expansion: text[position] ?? '' }, end: position + 1 };
  const name = match[1] ?? match[2] ?? '';
  return { part: partOfVariable(name) ?? { expansion: name }, end: VARIABLE.lastIndex };
}
