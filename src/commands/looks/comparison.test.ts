import { describe, expect, it } from 'vitest';
import { differingFiles, linesOfNumstat } from './compared-files.ts';
import { deltaOf } from './comparison.ts';

describe('files of two runs', () => {
  it('are named with their digests', () => {
    const lists = [
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
      new Map([
        ['a', '1'],
        ['c', '3'],
      ]),
    ];
    expect(differingFiles(lists)).toEqual([
      { path: 'b', digests: ['2', null] },
      { path: 'c', digests: [null, '3'] },
    ]);
  });

  it('have their lines from git, by paths from the project', () => {
    const lines = linesOfNumstat('1\t2\tsub/a b.py\0-\t-\tsub/x.bin\u00003\t0\tlib/c.py\0', '../', 'sub/');
    expect([...lines]).toEqual([
      ['a b.py', [1, 2]],
      ['x.bin', [null, null]],
      ['../lib/c.py', [3, 0]],
    ]);
  });
});

it('a delta is that of decimals, and of numbers only', () => {
  expect(deltaOf([0.1, 7, 0.3])).toBe(0.2);
  expect(deltaOf([0.1, null])).toBeNull();
  expect(deltaOf(['1', 2])).toBeNull();
});
