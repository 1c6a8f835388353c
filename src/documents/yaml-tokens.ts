import { type CST, Lexer, Parser } from 'yaml';
import { shown } from './excerpt.ts';

/**
 * The first half of reading YAML, with limits. The library's second half is recursive, and collects an error object for
 * each of half a million bad escapes; a hostile megabyte would exhaust the stack or take many seconds. Text within
 * these limits is composed in well under a second.
 */

const DEEPEST = 100;
/** About 8,000 lines of settings. */
const MOST_LEXEMES = 60_000;
const SCALAR_FOLLOWS = '\u001F';
const BAD_ESCAPE =
  /^\\(?:[^0abtnvfreN_LP \t"/\\xuU\r\n]|x(?![0-9A-Fa-f]{2})|u(?![0-9A-Fa-f]{4})|U(?!00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}))/;
const ESCAPE = /\\[^]/g;

export type YamlTokens =
  | { readonly ok: true; readonly tokens: readonly CST.Token[] }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** The offset of a backslash in a double-quoted scalar that YAML does not allow; -1 if there is none. */
function badEscapeIn(lexeme: string): number {
  ESCAPE.lastIndex = 0;
  for (let match = ESCAPE.exec(lexeme); match !== null; match = ESCAPE.exec(lexeme)) {
    if (BAD_ESCAPE.test(lexeme.slice(match.index, match.index + 10))) return match.index;
  }
  return -1;
}

export function tokenize(text: string): YamlTokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    const start = parser.offset;
    if (lexeme.startsWith('"') && before !== SCALAR_FOLLOWS) {
      const at = badEscapeIn(lexeme);
      if (at >= 0) {
        const found = lexeme.slice(at, at + 2);
        return {
          ok: false,
          offset: start + at,
          message: `${shown(found)} is not a YAML escape; write ${shown(`\\${found}`)}, or put the text in single quotes`,
        };
      }
    }
    before = lexeme;
    for (const token of parser.next(lexeme)) tokens.push(token);
    count += 1;
    // One entry of the stack is the document itself.
    if (parser.stack.length > DEEPEST + 1)
      return { ok: false, offset: start, message: `nested deeper than ${DEEPEST} levels` };
    if (count > MOST_LEXEMES)
      return {
        ok: false,
        offset: start,
        message: 'the file is too large for settings; put data into other files',
      };
  }
  for (const token of parser.end()) tokens.push(token);
  return { ok: true, tokens };
}
