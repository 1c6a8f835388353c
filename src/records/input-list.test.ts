import { describe, expect, it } from 'vitest';
import { formatInputList, inputLines, parseInputLines, splitInputList } from './input-list.ts';

const A = 'a'.repeat(64);

describe('inputs.sha256', () => {
  it('is read as it was written, odd names included', () => {
    const files = [
      { path: 'd/# input x', bytes: 3, sha256: null },
      { path: 'd/b\\c', bytes: 0, sha256: A },
      { path: 'd/a b', bytes: 0, sha256: A },
    ];
    const lines = inputLines(files);
    const text = formatInputList([
      { path: 'd', lines },
      { path: 'none/*', lines: '' },
      { path: 'e', lines: inputLines([{ path: 'e', bytes: 0, sha256: A }]) },
    ]);
    expect(splitInputList(text)).toEqual([lines, '', `${A}  e\n`]);
    expect(parseInputLines(lines, 'f').value).toEqual([files[0], files[2], files[1]]);
  });

  it('has one order', () => {
    const [x, y] = ['x', 'y'].map((path) => ({ path, bytes: 1, sha256: A }));
    if (x === undefined || y === undefined) throw new Error();
    expect(inputLines([y, x])).toBe(inputLines([x, y]));
  });

  it.each(['x', 'data/a\n', '# input a\nb'])('is not split if it is something else: %j', (text) => {
    expect(splitInputList(text)).toBeNull();
  });
});
