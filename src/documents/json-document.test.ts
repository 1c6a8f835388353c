import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { canonicalJson } from './canonical-json.ts';
import { jsonDocument } from './json-document.ts';
import { scanJson } from './json-scan.ts';
import { locate, locateKey, textAt } from './located.ts';

describe('jsonDocument', () => {
  it('knows where every value and key stands', () => {
    const document = jsonDocument('{\n  "a": [1, "x"],\n  "b": {"c": null}\n}\n', 'f.json');
    expect(document.value).toEqual({ a: [1, 'x'], b: { c: null } });
    expect(locate(document, '/a/1')).toEqual({ line: 2, column: 12 });
    expect(locateKey(document, '/b/c')).toEqual({ line: 3, column: 9 });
    expect(textAt(document, '/a/1')).toBe('"x"');
  });

  it('accepts BOM and CRLF', () => {
    expect(jsonDocument('\uFEFF{\r\n"a": 1}\r\n', 'f').value).toEqual({ a: 1 });
  });

  it.each([
    ['nothing', '', 'file.empty', null, 'empty'],
    ['a key twice', '{"a": 1,\n "a": 2}', 'file.duplicate_key', '2:2', '`a`'],
    ['a list on top', '[1]', 'value.type', '1:1', 'JSON object'],
    ['a last comma', '{"a": 1,}', 'file.syntax', '1:9', 'comma'],
    ['single quotes', "{'a': 1}", 'file.syntax', '1:2', 'double quotes'],
    ['a comment', '{ // x\n}', 'file.syntax', '1:3', 'comments'],
    ['a missing comma', '{"a": 1\n "b": 2}', 'file.syntax', '2:2', '`,`'],
    ['an open string', '{"a": "x', 'file.syntax', '1:7', 'never closed'],
    ['an open object', '{"a": 1', 'file.syntax', '1:8', 'ends'],
    ['a bare word', '{"a": True}', 'file.syntax', '1:7', 'True'],
    ['a bad escape', '{"a": "\\d"}', 'file.syntax', '1:8', 'backslash'],
    ['a raw newline in a string', '{"a": "x\ny"}', 'file.syntax', '1:9', 'control character'],
    ['text after the end', '{} x', 'file.syntax', '1:4', 'end of the text'],
    ['200,000 values', `[${'1,'.repeat(200_000)}1]`, 'file.syntax', '1:200000', 'too large'],
    ['10,000 brackets', '['.repeat(10_000), 'file.syntax', '1:102', 'nested'],
  ])('says where there is %s', (_, text, code, where, words) => {
    const [problem] = jsonDocument(text, 'f').problems;
    expect(problem?.code).toBe(code);
    expect(problem?.line === null ? null : `${String(problem?.line)}:${String(problem?.column)}`).toBe(where);
    expect(problem?.message).toContain(words);
  });

  it('accepts exactly what JSON.parse accepts, and gives the same value', { timeout: 30_000 }, () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"a"',
      '"',
      ':',
      ',',
      '1',
      '-',
      '.5',
      'e9',
      '0',
      'true',
      'null',
      ' ',
      '\n',
      '\\u00e9',
      'x',
      '"__proto__"',
    );
    const text = fc.oneof(
      fc.json(),
      fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (source) => {
        let expected: { value: unknown } | null = null;
        try {
          expected = { value: JSON.parse(source) };
        } catch {
          // Not JSON.
        }
        const result = scanJson(source);
        expect(result.ok).toBe(expected !== null);
        if (result.ok && expected !== null)
          expect(JSON.parse(canonicalJson(result.scan.value))).toEqual(expected.value);
      }),
      { numRuns: 400 },
    );
  });
});

describe('canonicalJson', () => {
  it('sorts keys, indents by two, ends with LF, and keeps numbers as they were written', () => {
    const result = scanJson('{"b":1.0,"a":[12345678901234567890,{}],"c":[]}');
    expect(result.ok && canonicalJson(result.scan.value)).toBe(
      '{\n  "a": [\n    12345678901234567890,\n    {}\n  ],\n  "b": 1.0,\n  "c": []\n}\n',
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });
});
