import { describe, expect, it } from 'vitest';
import { csv } from './csv.ts';

describe('comma-separated values', () => {
  it.each([
    ['plain', 'plain'],
    [0.25, '0.25'],
    [-1e-7, '-1e-7'],
    ['-0.5', '-0.5'],
    [null, ''],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ])('%j', (cell, text) => {
    expect(csv([[cell, 'z']])).toBe(`${text},z\r\n`);
  });
});
