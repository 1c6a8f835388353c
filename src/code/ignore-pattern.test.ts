import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkIgnorePattern, ignorePatternSource } from './ignore-pattern.ts';
import { pathMatcher } from './path-matcher.ts';

const NAMES = [
  'a.log',
  'deep/a.log',
  'data/x',
  'deep/data/x',
  'data',
  'database/x',
  'proj/data/x',
  'proj/a.log',
  'proj/deep/b.txt',
  'proj/deep/er/b.txt',
  'lib/gen/x.py',
  'a+b(c).txt',
  'ü.log',
  'line\nbreak.log',
];

/** Pattern, the project's place, and what it matches. */
const ROWS: readonly (readonly [string, string, readonly string[]])[] = [
  ['*.log', '', ['a.log', 'deep/a.log', 'proj/a.log', 'ü.log', 'line\nbreak.log']],
  ['data/', '', ['data/x', 'deep/data/x', 'proj/data/x']],
  ['data', '', ['data/x', 'deep/data/x', 'data', 'proj/data/x']],
  ['/data', '', ['data/x', 'data']],
  ['/data', 'proj/', ['proj/data/x']],
  ['deep/*.txt', 'proj/', ['proj/deep/b.txt']],
  ['deep/**', 'proj/', ['proj/deep/b.txt', 'proj/deep/er/b.txt']],
  ['deep/**/b.txt', 'proj/', ['proj/deep/b.txt', 'proj/deep/er/b.txt']],
  ['../lib/gen', 'proj/', ['lib/gen/x.py']],
  ['a+b(c).txt', '', ['a+b(c).txt']],
  ['?.log', '', ['a.log', 'deep/a.log', 'proj/a.log']],
  ['??.log', '', ['ü.log']],
  ['[a-c].log', '', ['a.log', 'deep/a.log', 'proj/a.log']],
  ['[!a].log', '', []],
];

function inBash(source: string, name: string): boolean {
  const program = 'LC_ALL=C; if [[ $2 =~ $1 ]]; then echo yes; else echo no; fi';
  return execFileSync('bash', ['-c', program, 'bash', `^(${source})$`, name], { encoding: 'utf8' }).trim() === 'yes';
}

describe('ignorePatternSource', () => {
  it.each(ROWS)('%s in %j, for JavaScript and for bash', (pattern, prefix, expected) => {
    const source = ignorePatternSource(pattern, prefix) ?? '';
    const matches = pathMatcher(source);
    expect(NAMES.filter(matches)).toEqual(expected);
    expect(NAMES.filter((name) => inBash(source, name))).toEqual(expected);
  });

  it('has nothing to leave out above the tree', () => {
    expect(ignorePatternSource('../../x', 'proj/')).toBeNull();
  });
});

describe('checkIgnorePattern', () => {
  it.each(['', ' ', '/', '!a', 'a\\b', 'a\nb', '[[:alpha:]]', '[a'])('refuses %j', (pattern) => {
    expect(checkIgnorePattern(pattern)).not.toBeNull();
  });
});
