import { describe, expect, it } from 'vitest';
import { pathMatcher } from '../code/path-matcher.ts';
import { compileGlob } from '../records/glob.ts';
import { inputPatterns } from './input-pattern.ts';

const matches = (pattern: string, path: string): boolean =>
  inputPatterns(pattern).some(({ base, source }) => (source === null ? path === base : pathMatcher(source)(path)));

describe('inputPatterns', () => {
  it.each([
    ['data/train.csv', 'data/train.csv', null],
    ['/data/set', '/data/set', null],
    ['/data/set/*.h5', '/data/set', { least: 1, most: 1 }],
    ['/*/x.h5', '/', { least: 2, most: 2 }],
    ['*.csv', '.', { least: 1, most: 1 }],
    ['a/**/b/*.csv', 'a', { least: 2, most: null }],
    ['a/**', 'a', { least: 1, most: null }],
  ])('looks for %s in %s', (path, base, levels) => {
    expect(inputPatterns(path)).toMatchObject([{ base, levels }]);
  });

  it('makes a pattern of each word in braces, and looks in each folder', () => {
    expect(inputPatterns('data/{train,test}/*.{csv,gz}').map(({ base }) => base)).toEqual([
      'data/train',
      'data/train',
      'data/test',
      'data/test',
    ]);
    expect(inputPatterns('a/{b,b}.csv')).toHaveLength(1);
  });

  it('says of paths what the patterns of artifacts say', () => {
    const words = ['*', '**', '?', 'a', 'b', '.', '[ab]', '[!a]', '[a-z.]', '{a,b}', '{a*,.b}', '-'];
    const names = ['a', 'b', '.a', 'ab', 'a.b', '.', '-a', 'ba.a', 'c', '+', 'a+b'];
    // A generator with a seed: the same cases every time.
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const pick = (of: readonly string[]): string => of[next(of.length)] ?? '';
    const some = (most: number, make: () => string, between: string): string =>
      Array.from({ length: 1 + next(most) }, make).join(between);
    for (let round = 0; round < 20_000; round += 1) {
      const pattern = some(3, () => some(3, () => pick(words), ''), '/');
      const path = some(3, () => pick(names), '/');
      // Not what a path of an input or a file can be.
      if (/(^|\/)\.{1,2}(\/|$)/.test(path) || /\*\*[^/]|[^/]\*\*/.test(pattern)) continue;
      expect(matches(pattern, path), `${pattern} ${path}`).toBe(compileGlob(pattern).matches(path));
    }
  });
});
