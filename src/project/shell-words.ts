/** Splits a command line into words as a POSIX shell does (XCU 2.2, 2.3), and no more: nothing is expanded or run. */

export type ShellWords =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

const OPERATORS = ';|&<>()';
const ESCAPABLE_IN_DOUBLE_QUOTES = '$`"\\';
const ADVICE = 'write the argv as `command: [...]`, or put the line into a script and run that';

/** `$`, backquotes, `*`, `~`, `#`, `!` and braces stay literal; operators and bare newlines are rejected. */
export function splitShellWords(source: string): ShellWords {
  // YAML's `|` and `>` end a text with a newline that its author did not intend.
  let end = source.length;
  while (end > 0 && ' \t\r\n'.includes(source[end - 1] ?? '')) end -= 1;
  const text = source.slice(0, end);
  const words: string[] = [];
  let word: string | null = null;
  let offset = 0;
  while (offset < text.length) {
    const character = text[offset] ?? '';
    if (character === ' ' || character === '\t') {
      if (word !== null) words.push(word);
      word = null;
      offset += 1;
      continue;
    }
    const piece = readPiece(text, offset);
    if (typeof piece === 'string') return { ok: false, message: piece, offset };
    // An empty text also makes a word, as `''` does; a continued line does not.
    if (piece.text !== null) word = (word ?? '') + piece.text;
    offset = piece.end;
  }
  if (word !== null) words.push(word);
  return { ok: true, words };
}

interface Piece {
  /** null means that no word has begun. */
  readonly text: string | null;
  readonly end: number;
}

/** A part of a word, or the reason against it as text. */
function readPiece(text: string, offset: number): Piece | string {
  const character = text[offset] ?? '';
  if (character === "'") {
    const close = text.indexOf("'", offset + 1);
    if (close < 0) return "the quote ' is never closed";
    return { text: text.slice(offset + 1, close), end: close + 1 };
  }
  if (character === '"') return readDoubleQuotes(text, offset) ?? 'the quote " is never closed';
  if (character === '\\') {
    const next = text[offset + 1];
    // Also if trailing space was trimmed: `a\ ` means a space, which is invisible.
    if (next === undefined) return 'the backslash at the end escapes nothing';
    // A backslash before a newline continues the line.
    return { text: next === '\n' ? null : next, end: offset + 2 };
  }
  if (character === '\n') return `a new line would be a second command; ${ADVICE}`;
  if (OPERATORS.includes(character))
    return `\`${character}\` is an operator of the shell, and no shell runs this line; quote it, ${ADVICE}`;
  return { text: character, end: offset + 1 };
}

function readDoubleQuotes(text: string, start: number): { readonly text: string; readonly end: number } | null {
  const parts: string[] = [];
  let from = start + 1;
  let offset = from;
  while (offset < text.length) {
    const character = text[offset];
    if (character === '"') return { text: parts.join('') + text.slice(from, offset), end: offset + 1 };
    const next = text[offset + 1];
    if (character === '\\' && next !== undefined && (next === '\n' || ESCAPABLE_IN_DOUBLE_QUOTES.includes(next))) {
      parts.push(text.slice(from, offset), next === '\n' ? '' : next);
      offset += 2;
      from = offset;
    } else {
      offset += 1;
    }
  }
  return null;
}
