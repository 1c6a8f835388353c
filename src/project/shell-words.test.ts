import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { splitShellWords } from './shell-words.ts';

/** How sh splits a line without expansions. */
function asSh(line: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', `set -f; printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

describe('splitShellWords', () => {
  it.each([
    'python train.py --epochs 3',
    `a 'b c' "d e"`,
    `a'b'"c"d`,
    `'it'\\''s'`,
    `"a \\" b" "\\\\" "\\x" "\\$HOME" "\\\`"`,
    `a\\ b \\'c \\"d`,
    `'' "" x`,
    `a\t b   c`,
    `'$HOME' '*' '~' '#'`,
    `"a\nb" 'c\nd'`,
    `a \\\n b`,
    `"a\\\nb"`,
    `a#b {x,y} !x x=1 [z]`,
    `'back\\slash'`,
  ])('splits %j as sh does', (line) => {
    expect(splitShellWords(line)).toEqual({ ok: true, words: asSh(line) });
  });

  it('expands nothing', () => {
    expect(splitShellWords('$HOME `id` ~ * ? # !! {a,b} "$HOME" "`id`"')).toEqual({
      ok: true,
      words: ['$HOME', '`id`', '~', '*', '?', '#', '!!', '{a,b}', '$HOME', '`id`'],
    });
  });

  it.each([
    ['a; b', ';', 1],
    ['a | b', '|', 2],
    ['a & b', '&', 2],
    ['a > b', '>', 2],
    ['a < b', '<', 2],
    ['$(id)', '(', 1],
    ['a\nb', 'new line', 1],
    [`a 'b`, 'never closed', 2],
    ['a "b', 'never closed', 2],
    ['a "b\\"', 'never closed', 2],
    ['a\\', 'escapes nothing', 1],
    ['a\\ ', 'escapes nothing', 1],
  ])('refuses %j and says where', (line, words, offset) => {
    const split = splitShellWords(line);
    expect(split.ok ? '' : split.message).toContain(words);
    expect(split.ok ? -1 : split.offset).toBe(offset);
  });

  it('drops the newline that a YAML block ends with', () => {
    expect(splitShellWords('a b\n')).toEqual({ ok: true, words: ['a', 'b'] });
    expect(splitShellWords(' \n')).toEqual({ ok: true, words: [] });
  });

  it('gives back any words that were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitShellWords(quoteArgv(words))).toEqual({ ok: true, words });
      }),
    );
  });
});
