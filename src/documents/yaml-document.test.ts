import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { locate, locateKey, textAt, valueAt } from './located.ts';
import { yamlDocument } from './yaml-document.ts';

const MEBIBYTE = 1024 * 1024;

function filled(unit: string): string {
  return unit.repeat(Math.ceil(MEBIBYTE / unit.length)).slice(0, MEBIBYTE);
}

function firstOf(text: string): { code: string; where: string; message: string } {
  const [problem] = yamlDocument(text, 'f.yaml').problems;
  return {
    code: problem?.code ?? '',
    where: `${String(problem?.line)}:${String(problem?.column)}`,
    message: problem?.message ?? '',
  };
}

describe('yamlDocument', () => {
  it('reads any text in double quotes, as JSON writes it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('\\', 'U', 'x', '"', 'n', ' ', '\n') }),
    );
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const { value, problems } = yamlDocument(`a: ${JSON.stringify(texts)}\n`, 'f.yaml');
        expect({ value, problems }).toEqual({ value: { a: texts }, problems: [] });
      }),
    );
  });

  it('knows where every value and key stands', () => {
    const document = yamlDocument('a: 1\nb:\n  - c: "x y"  # why\n    d: [1, two]\n', 'f.yaml');
    expect(document.value).toEqual({ a: 1, b: [{ c: 'x y', d: [1, 'two'] }] });
    expect(locate(document, '/b/0/c')).toEqual({ line: 3, column: 8 });
    expect(locateKey(document, '/b/0/c')).toEqual({ line: 3, column: 5 });
    expect(locate(document, '/b/0/d/1')).toEqual({ line: 4, column: 12 });
    expect(textAt(document, '/b/0/c')).toBe('"x y"');
    expect(textAt(document, '/b/0/none')).toBe('');
    expect(valueAt(document, '/b/0/d/0')).toBe(1);
  });

  it('places what is missing at the key of what is around it', () => {
    const document = yamlDocument('a: 1\ncompute:\n  cpus: 2\n', 'f.yaml');
    expect(locate(document, '/compute/location')).toEqual({ line: 2, column: 1 });
  });

  it('reads YAML 1.2: 00:30:00, yes and 0o17 are what they look like', () => {
    expect(yamlDocument('a: 00:30:00\nb: yes\nc: 0o17\nd: 1_000\n', 'f').value).toEqual({
      a: '00:30:00',
      b: 'yes',
      c: 15,
      d: '1_000',
    });
  });

  it('accepts BOM and CRLF, and keeps the places right', () => {
    const document = yamlDocument('\uFEFFa: 1\r\nb: 2\r\n', 'f.yaml');
    expect(document.value).toEqual({ a: 1, b: 2 });
    expect(document.problems).toEqual([]);
    expect(locate(document, '/b')).toEqual({ line: 2, column: 4 });
  });

  it('keeps integers that a double cannot hold as they are written', () => {
    expect(yamlDocument('a: 12345678901234567890\n', 'f').value).toEqual({ a: '12345678901234567890' });
  });

  it('writes aliases out', () => {
    const document = yamlDocument('a: &x {k: [1, 2]}\nb: *x\n', 'f');
    expect(document.value).toEqual({ a: { k: [1, 2] }, b: { k: [1, 2] } });
    expect(locate(document, '/b')).toEqual({ line: 2, column: 4 });
  });

  it('keeps a key called __proto__ a key', () => {
    const { value } = yamlDocument('__proto__: {polluted: 1}\n', 'f');
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'file.duplicate_key', '3:1', 'duplicate'],
    ['a key twice in flow style', 'a: {b: 1, b: 2}\n', 'file.duplicate_key', '1:11', '`b`'],
    ['a tab as indent', 'a:\n\tb: 1\n', 'file.syntax', '2:1', 'spaces'],
    ['an open bracket', 'a: [1, 2\n', 'file.syntax', '2:1', 'well-formed'],
    ['a second colon', 'cli: python: x\n', 'file.syntax', '1:6', 'quotes'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'file.syntax', '2:1', 'second document'],
    ['a list on top', '- a\n- b\n', 'value.type', '1:1', 'key: value'],
    ['a word on top', 'hello\n', 'value.type', '1:1', 'mapping'],
    ['a custom tag', 'a: !include x.yaml\n', 'file.syntax', '1:4', 'tag'],
    ['a merge key', 'a: &x {k: 1}\nb:\n  <<: *x\n', 'file.syntax', '3:3', 'merge key'],
    ['YAML 1.1', '%YAML 1.1\n---\na: yes\n', 'file.syntax', '1:1', '%YAML 1.1'],
    ['an unquoted placeholder', 'a: [node, {{run_dir}}]\n', 'file.syntax', '1:12', 'quotes'],
    ['an alias to nothing', 'a: *none\n', 'file.syntax', '1:4', '*none'],
    ['an alias to itself', 'a: &x [*x]\n', 'file.syntax', '1:8', 'contains it'],
    ['an unknown escape', 'a: "C:\\data"\n', 'file.syntax', '1:7', '\\\\d'],
  ])('says where there is %s', (_, text, code, where, words) => {
    const found = firstOf(text);
    expect(found).toMatchObject({ code, where });
    expect(found.message).toContain(words);
  });

  it('says that there is nothing, unless that is allowed', () => {
    expect(firstOf('').code).toBe('file.empty');
    expect(firstOf('# only a comment\n').code).toBe('file.empty');
    expect(yamlDocument('# only a comment\n', 'f', { emptyIsMapping: true }).value).toEqual({});
    expect(yamlDocument('', 'f', { emptyIsMapping: true }).problems[0]?.code).toBe('file.empty');
  });

  it('refuses an alias bomb', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n += 1)
      bomb.push(
        `a${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    const { problems } = yamlDocument(bomb.join('\n'), 'f');
    expect(problems.map(({ code }) => code)).toEqual(['file.alias_bomb']);
    expect(problems[0]?.line).toBe(5);
  });

  it('refuses aliases that stand for gigabytes of text', () => {
    const { problems } = yamlDocument(`a: &x ${'y'.repeat(900_000)}\nb: [${'*x, '.repeat(9_000)}]\n`, 'f');
    expect(problems.map(({ code, line }) => `${String(line)} ${code}`)).toEqual(['2 file.alias_bomb']);
  });

  // Each of these makes the bare library hang or run out of stack or memory, or is the largest accepted input.
  const hostile: readonly (readonly [string, string])[] = [
    ['10,000 brackets', '['.repeat(10_000)],
    ['a megabyte of brackets', filled('[')],
    ['a megabyte of braces', filled('{')],
    ['a megabyte of dashes', filled('- ')],
    ['a megabyte of question marks', filled('? ')],
    ['a megabyte of keys on one line', filled('a: ')],
    ['a megabyte of bad escapes', `a: "${filled('\\q')}"`],
    ['a megabyte of half hex escapes', `a: "${filled('\\x')}"`],
    ['100,000 keys', Array.from({ length: 100_000 }, (_, n) => `k${n}: 1`).join('\n')],
    ['10,000 keys in braces', `{${Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join(', ')}}`],
    ['10,000 aliases', `a: &a 1\nb: [${'*a, '.repeat(10_000)}]`],
    ['a megabyte of aliases', `a: &a 1\nb: [${filled('*a, ')}]`],
    ['27,000 tags', filled('! ').slice(0, 55_000)],
    ['a megabyte of documents', filled('---\n')],
    ['a staircase', Array.from({ length: 1300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['a megabyte of tabs', filled('\t')],
    ['a value of a megabyte', `a: ${filled('x')}`],
    ['a quoted value of a megabyte', `a: "${filled('x\n  ')}"`],
    ['a key of a megabyte', `${filled('x')}: 1`],
  ];
  it.each(hostile)('answers on %s', { timeout: 30_000 }, (_, text) => {
    const document = yamlDocument(text, 'f');
    expect(document.value !== undefined || document.problems.length > 0).toBe(true);
    for (const { message } of document.problems) expect(message.length).toBeLessThan(500);
  });

  it('never throws, and gives a value or a problem with a place', { timeout: 30_000 }, () => {
    const fragment = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!t ',
      '"',
      "'",
      '\\',
      '#',
      '|',
      '>',
      '? ',
      '<<',
      '---',
      '...',
      '%',
      '\t',
      ',',
      '1',
      '\r\n',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const document = yamlDocument(source, 'f');
        expect(document.value === undefined ? document.problems.length : 1).toBeGreaterThan(0);
        for (const { line } of document.problems) expect(line === null || line >= 1).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
