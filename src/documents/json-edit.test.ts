import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { editJson } from './json-edit.ts';

describe('editJson', () => {
  it.each([
    ['four spaces', '{\n    "b": 1,\n    "a": "x"\n}\n', '{\n    "b": 2,\n    "a": "x",\n    "c": null\n}\n'],
    ['tabs', '{\n\t"b": 1\n}', '{\n\t"b": 2,\n\t"c": null\n}'],
    ['one line', '{"b":1, "z":[]}', '{"b":2, "z":[], "c": null}'],
    ['CRLF', '{\r\n  "b": 1\r\n}\r\n', '{\r\n  "b": 2,\r\n  "c": null\r\n}\r\n'],
    ['a byte order mark, which goes,', '\uFEFF{\n  "b": 1\n}\n', '{\n  "b": 2,\n  "c": null\n}\n'],
    ['nothing in it', '{}', '{\n  "b": 2,\n  "c": null\n}'],
    ['space around the colon', '{ "b" : 1 , "a" : 1.0 }', '{ "b" : 2 , "a" : 1.0, "c": null }'],
  ])('keeps the layout of a file with %s', (_, before, after) => {
    expect(editJson(before, { set: { b: 2, c: null } })).toBe(after);
  });

  it('leaves a value that is the same as it was written', () => {
    const text = '{"a": 1.0, "b": "\\u0061", "c": 1e3}';
    expect(editJson(text, { set: { a: 1, b: 'a', c: 1000 } })).toBe(text);
  });

  it.each([
    ['[]', '[\n    {\n      "x": 1\n    }\n  ]'],
    ['[{"y": 2}]', '[{"y": 2}, {"x": 1}]'],
    ['[\n    {"y": 2}\n  ]', '[\n    {"y": 2},\n    {"x": 1}\n  ]'],
    ['[\n    {\n      "y": 2\n    }\n  ]', '[\n    {\n      "y": 2\n    },\n    {\n      "x": 1\n    }\n  ]'],
    ['null', '[\n    {\n      "x": 1\n    }\n  ]'],
  ])('appends to the list %s as its items are written', (list, after) => {
    const text = (value: string): string => `{\n  "list": ${value},\n  "z": 0\n}\n`;
    expect(editJson(text(list), { set: {}, append: { key: 'list', item: { x: 1 } } })).toBe(text(after));
  });

  it('changes nothing but what was asked for, whatever the file', () => {
    const layouts = [undefined, 1, 2, 4, '\t'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.jsonValue()),
        fc.constantFrom(...layouts),
        fc.dictionary(
          fc.string().map((key) => `set ${key}`),
          fc.jsonValue(),
        ),
        (others, list, space, set) => {
          // A key of this name sets the prototype in an object literal.
          const fields = Object.fromEntries(Object.entries({ ...others, list }).filter(([key]) => key !== '__proto__'));
          const edited = editJson(JSON.stringify(fields, null, space), { set, append: { key: 'list', item: 'new' } });
          expect(JSON.parse(edited ?? '')).toEqual(
            JSON.parse(JSON.stringify({ ...fields, ...set, list: [...list, 'new'] })),
          );
        },
      ),
    );
  });

  it.each([
    ['["x", 1, "x", 2]', '[1, 2]'],
    ['[1, "x", "x"]', '[1]'],
    ['[\n    1,\n    "x",\n    2\n  ]', '[\n    1,\n    2\n  ]'],
    ['[\n    1,\n    "x"\n  ]', '[\n    1\n  ]'],
    ['[ "x" ]', '[]'],
    ['[]', '[]'],
    ['"x"', '"x"'],
  ])('takes items from the list %s, and nothing else', (list, after) => {
    const text = (value: string): string => `{\n  "list": ${value},\n  "z": 0\n}\n`;
    const isGone = (item: unknown): boolean => item === 'x';
    expect(editJson(text(list), { set: {}, remove: { key: 'list', isGone } })).toBe(text(after));
  });

  it('is null for what is no object', () => {
    for (const text of ['[]', '{', '', '1', 'null']) expect(editJson(text, { set: {} }), text).toBeNull();
  });
});
