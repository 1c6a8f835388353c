import { expect, it } from 'vitest';
import { firstDifference } from './first-difference.ts';

it.each([
  ['a\nb\n', 'a\nb\n', null],
  ['a\nb\n', 'a\nc\n', { line: 2, found: 'b', expected: 'c' }],
  ['a', 'a\nb', { line: 2, found: null, expected: 'b' }],
  ['a\n', 'a', { line: 2, found: '', expected: null }],
])('%j and %j differ in %j', (found, expected, difference) => {
  expect(firstDifference(found, expected)).toEqual(difference);
});
