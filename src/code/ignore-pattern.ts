import { posix } from 'node:path';

/**
 * A pattern as in `.gitignore`, as a regular expression that bash (ERE, bytes) and JavaScript read alike: the launcher and a
 * node without Node.js must leave out the same files. Pure.
 */

/** Why a pattern is not supported; null if it is. */
export function checkIgnorePattern(pattern: string): string | null {
  if (pattern.trim() === '' || /^\/*$/.test(pattern)) return 'is empty';
  if (pattern.startsWith('!')) return 'cannot include files again: `!` is not supported';
  if (/[\\\n\0]/.test(pattern)) return 'cannot contain a backslash or a line break';
  const classes = pattern.match(/\[[^\]]*\]?/g) ?? [];
  if (classes.some((text) => !/^\[[!^]?[\w.-]+\]$/.test(text)))
    return 'has a bracket expression other than letters, digits, `_`, `.` and `-`';
  return null;
}

/**
 * `prefix`: of the project within the listed tree, '' or `sub/folder/`. Null for a pattern that leads out of that tree, which
 * has nothing to leave out.
 */
export function ignorePatternSource(pattern: string, prefix: string): string | null {
  const folderOnly = pattern.endsWith('/');
  const body = pattern.replace(/\/+$/, '');
  const anchored = body.includes('/');
  const end = folderOnly ? '/.*' : '(/.*)?';
  if (!anchored) return `(.*/)?${globSource(body)}${end}`;
  const path = posix.normalize(`${prefix}${body.replace(/^\/+/, '')}`);
  return path.startsWith('../') ? null : `${globSource(path)}${end}`;
}

function globSource(glob: string): string {
  let source = '';
  for (let at = 0; at < glob.length;) {
    const [token, text] = nextToken(glob, at);
    source += text;
    at += token.length;
  }
  return source;
}

/** The characters that belong together, and what they mean. */
function nextToken(glob: string, at: number): readonly [token: string, source: string] {
  const rest = glob.slice(at);
  if (rest.startsWith('**/') && (at === 0 || glob[at - 1] === '/')) return ['**/', '(.*/)?'];
  if (rest === '**' && glob[at - 1] === '/') return ['**', '.*'];
  const stars = /^\*+/.exec(rest)?.[0];
  if (stars !== undefined) return [stars, '[^/]*'];
  if (rest.startsWith('?')) return ['?', '[^/]'];
  const bracket = /^\[[^\]]*\]/.exec(rest)?.[0];
  if (bracket !== undefined) return [bracket, bracket.replace('[!', '[^')];
  const character = rest.charAt(0);
  return [character, literalSource(character)];
}

/** A text that stands for itself, in both dialects. */
export function literalSource(text: string): string {
  return text.replaceAll(/[.^$*+?()[{|\\]/g, '\\$&');
}
