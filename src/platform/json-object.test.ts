import { expect, it } from 'vitest';
import { numberOrNull, parseObject, textOrNull } from './json-object.ts';

it.each([null, '', 'no JSON', 'null', '7', '"text"', '{"cut": '])('is no object: %s', (text) => {
  expect(parseObject(text)).toBeNull();
});

it('is what stands in the text, key by key', () => {
  const object = parseObject('{"name": "n", "count": 7, "__proto__": {"evil": true}}');
  expect([textOrNull(object?.['name']), numberOrNull(object?.['count'])]).toEqual(['n', 7]);
  expect([textOrNull(object?.['count']), numberOrNull(object?.['name'])]).toEqual([null, null]);
  expect(object?.['evil']).toBeUndefined();
});
