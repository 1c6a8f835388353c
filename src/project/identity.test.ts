import { expect, it } from 'vitest';
import { isOneOf, joinAuthors, whyNotOther } from './identity.ts';

it.each([
  ['Ada', true],
  ['ada lovelace', true],
  ['ADA@lab.org', true],
  [' Ada   Lovelace <ada@lab.org> ', true],
  ['ada lovelace <other@lab.org>', true],
  ['grace', true],
  ['bob', false],
  ['lovelace', false],
  ['', false],
])('%j is one of the authors: %s', (by, is) => {
  expect(isOneOf(by, 'Ada Lovelace <ada@lab.org>; grace@navy.mil')).toBe(is);
});

it('whoever is not known is nobody else', () => {
  expect(whyNotOther(null, 'ada')).toContain('who reviewed it');
  expect(whyNotOther('ada', null)).toContain('who wrote');
  expect(whyNotOther('bob', 'ada')).toBeNull();
  expect(joinAuthors(['ada', '', 'ada', 'bob'])).toBe('ada; bob');
  expect(joinAuthors([''])).toBeNull();
});
