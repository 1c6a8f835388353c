/** A command line split into words as a POSIX shell does (XCU 2.2, 2.3), and nothing else: nothing is expanded or run. */

export type ShellWords =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

const OPERATORS = ';|&<>()';
const ESCAPABLE_IN_DOUBLE_QUOTES = '$`"\\';
const ADVICE = 'write the argv as `command: [...]`, or put the line into a script and run that';

/** `$`, backquotes, `*`, `~`, `#`, `!` and braces stay as they are; operators and bare newlines are refused. */
export function splitShellWords(source: string): ShellWords {
  // YAML's `|` and `>` end a text with a newline that nobody means.
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
    } else if (character === "'") {
      const close = text.indexOf("'", offset + 1);
      if (close < 0) return { ok: false, message: "the quote ' is never closed", offset };
      word = (word ?? '') + text.slice(offset + 1, close);
      offset = close + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuotes(text, offset);
      if (quoted === null) return { ok: false, message: 'the quote " is never closed', offset };
      word = (word ?? '') + quoted.text;
      offset = quoted.end;
    } else if (character === '\\') {
      const next = text[offset + 1];
      // Also where trailing space was dropped: `a\ ` means a space, which nobody can see.
      if (next === undefined) return { ok: false, message: 'the backslash at the end escapes nothing', offset };
      // A backslash before a newline continues the line.
      if (next !== '\n') word = (word ?? '') + next;
      offset += 2;
    } else if (character === '\n') {
      return { ok: false, message: `a new line would be a second command; ${ADVICE}`, offset };
    } else if (OPERATORS.includes(character)) {
      return {
        ok: false,
        message: `\`${character}\` is an operator of the shell, and no shell runs this line; quote it, ${ADVICE}`,
        offset,
      };
    } else {
      word = (word ?? '') + character;
      offset += 1;
    }
  }
  if (word !== null) words.push(word);
  return { ok: true, words };
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
