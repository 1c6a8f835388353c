import { expect, it } from 'vitest';
import { compactFile } from './compact.ts';

it('writes on one line what holds only values and lists of them, or is short, with sorted keys and two spaces', () => {
  const value = {
    z: { b: 1, a: null },
    long: { text: 'x'.repeat(130), list: [] },
    list: [{ b: 'x', a: [] }, 'y'.repeat(100)],
    empty: {},
    lists: { argv: ['x'.repeat(130)], rows: [] },
    nested: { rows: [{ text: 'x'.repeat(130) }] },
  };
  const text = compactFile(value);
  expect(text).toBe(`{
  "empty": {},
  "list": [
    { "a": [], "b": "x" },
    "${'y'.repeat(100)}"
  ],
  "lists": { "argv": ["${'x'.repeat(130)}"], "rows": [] },
  "long": { "list": [], "text": "${'x'.repeat(130)}" },
  "nested": {
    "rows": [
      { "text": "${'x'.repeat(130)}" }
    ]
  },
  "z": { "a": null, "b": 1 }
}
`);
  expect(JSON.parse(text)).toEqual(value);
});
