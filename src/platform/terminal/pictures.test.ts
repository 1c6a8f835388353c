import { describe, expect, it } from 'vitest';
import { bar } from './bar.ts';
import { glyphsFor } from './glyphs.ts';
import { sparkline } from './sparkline.ts';
import { columnsOf, filled, fitted } from './width.ts';

const UTF8 = glyphsFor({ LANG: 'C.UTF-8' });
const ASCII = glyphsFor({});

describe('a bar', () => {
  it.each([
    [0, '░░░░░'],
    [0.01, '█░░░░'],
    [0.5, '███░░'],
    [0.99, '████░'],
    [1, '█████'],
    [7, '█████'],
    [-1, '░░░░░'],
    [Number.NaN, '░░░░░'],
  ])('%d', (share, text) => {
    expect(bar(share, 5, UTF8)).toBe(text);
  });

  it('has characters that every terminal has, and no columns if there is no room', () => {
    expect(bar(0.5, 4, ASCII)).toBe('##..');
    expect([bar(0.5, 0, ASCII), bar(1, 0, ASCII), bar(0.5, 1, ASCII)]).toEqual(['', '', '.']);
  });
});

describe('a sparkline', () => {
  it.each([
    [[], 5, ''],
    [[1], 5, '▅'],
    [[2, 2, 2], 5, '▅▅▅'],
    [[0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
    [[0, 0, 7, 7], 2, '▁█'],
    [[0, Number.NaN, 7], 3, '▁█'],
    [[-Number.MAX_VALUE, Number.MAX_VALUE], 2, '▁▁'],
  ])('%j in %d columns', (values, columns, text) => {
    expect(sparkline(values, columns, UTF8)).toBe(text);
  });

  it('has characters that every terminal has', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, ASCII)).toBe('_.,-=+*#');
  });
});

describe('the characters of a terminal', () => {
  it.each([
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, '#'],
    [{ LC_ALL: '', LC_CTYPE: 'en_US.utf8', LANG: 'C' }, '█'],
    [{ LANG: 'de_DE@euro' }, '#'],
  ])('%j', (env, full) => {
    expect(glyphsFor(env).full).toBe(full);
  });
});

describe('columns', () => {
  it.each([
    ['plain', 5],
    ['日本語', 6],
    ['e\u0301', 1],
    ['한글', 4],
    ['😀!', 3],
    ['█░▁─', 4],
    ['Ａ', 2],
    ['', 0],
  ])('%j', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it('never cuts a wide character in two', () => {
    expect([fitted('日本語', 5), filled('日本語', 5), filled('ab', 4), fitted('ab', -1)]).toEqual([
      '日本',
      '日本 ',
      'ab  ',
      '',
    ]);
  });
});
