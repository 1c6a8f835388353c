import { describe, expect, it } from 'vitest';
import { changedFiles, hintOnChanged, named } from './code-changed.ts';

describe('changedFiles', () => {
  it.each([
    [null, null],
    ['', []],
    ['src/a.py: FAILED\nsha256sum: WARNING: 1 computed checksum did NOT match\n', ['src/a.py']],
    [
      'sha256sum: gone.py: No such file or directory\ngone.py: FAILED open or read\nsha256sum: WARNING: 1 listed file could not be read\n',
      ['gone.py'],
    ],
    ['\\odd\\nname: FAILED\n', ['odd\\nname']],
    ['files were added or removed\nadded: nohup.out\nremoved: a b.py\n', ['nohup.out', 'a b.py']],
    // Of an older prologue.
    ['files were added or removed\n', []],
  ])('%j', (text, files) => {
    expect(changedFiles(text)).toEqual(files);
  });
});

describe('named', () => {
  it('names the first of many', () => {
    expect(named(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe(': a, b, c, d, e and 2 more');
    expect(named([])).toBe('');
  });
});

describe('hintOnChanged', () => {
  it('names the setting that lets the user edit, and the way out of a spoilt snapshot', () => {
    expect(hintOnChanged(['train.py'], false).hint).toContain('code: {run_from: snapshot}');
    expect(hintOnChanged(['train.py'], true).hint).toContain('autolab clean');
    expect(hintOnChanged([], false)).toEqual({});
  });
});
