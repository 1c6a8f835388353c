import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../test/support/campaign.ts';
import { fc } from '../../test/support/properties.ts';
import { type Design, parseDesign } from './design.ts';

const HEAD = 'id: d1\niteration_id: iter1\n';
const LOCAL = 'compute: {location: local, time: 10}\n';

function design(text: string): Design {
  const { value, problems } = parseDesign(text, 'design.yaml');
  if (value === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return value;
}

function complaints(text: string): string[] {
  const { value, problems } = parseDesign(text, 'design.yaml');
  expect(value === null).toBe(problems.some(({ severity }) => severity === 'error'));
  return problems.map(({ line, column, code, message }) => `${String(line)}:${String(column)} ${code} ${message}`);
}

const withEntry = (entry: string) => `${HEAD}${LOCAL}entrypoint:\n${entry}`;

describe('entrypoint', () => {
  it('gives aliases of numbers their value', () => {
    const text = `${HEAD}seed: &seed 7\n${LOCAL}entrypoint: {command: [p, *seed ]}\n`;
    expect(design(text).entrypoint).toEqual({ kind: 'command', argv: ['p', '7'] });
  });

  it('is not slowed down by a megabyte of white space', () => {
    expect(complaints(withEntry(`  cli: "${' '.repeat(1_000_000)}|"\n`))[0]).toContain('operator');
    expect(complaints(withEntry(`  command: [p, 1.${'0'.repeat(100_000)}]\n`))[0]).toContain('at most 65536');
  });

  it('takes argv as it is, numbers and booleans as they are written', () => {
    expect(design(withEntry('  command: [python, -c, "a b; $(id)", 3.10, 1e-3, true, ""]\n')).entrypoint).toEqual({
      kind: 'command',
      argv: ['python', '-c', 'a b; $(id)', '3.10', '1e-3', 'true', ''],
    });
  });

  it('splits a line', () => {
    expect(design(withEntry(`  cli: "python 'a b' --x=$HOME {{ run_dir }}"\n`)).entrypoint).toMatchObject({
      kind: 'cli',
      argv: ['python', 'a b', '--x=$HOME', '{{run_dir}}'],
    });
  });

  it('keeps hostile words literally (newlines, quotes, direction marks)', () => {
    const word = `a\nb "c" 'd' \`e\` $(f) \u202e -rf`;
    expect(design(withEntry(`  command: [x, ${JSON.stringify(word)}]\n`)).entrypoint).toEqual({
      kind: 'command',
      argv: ['x', word],
    });
  });

  it('keeps numbers of args as written where it matters', () => {
    expect(
      design(withEntry('  module: m\n  args: {v: 3.10, n: 12345678901234567890, l: [1.0, 2], o: {x: 1.50}, h: 0x10}\n'))
        .entrypoint,
    ).toEqual({
      kind: 'module',
      module: 'm',
      args: { v: '3.10', n: '12345678901234567890', l: ['1.0', 2], o: { x: 1.5 }, h: 16 },
    });
  });

  it.each([
    ['two forms', '  cli: a\n  command: [a]\n', '5:8 value.conflict', '`command`'],
    ['args beside a command', '  command: [a]\n  args: {x: 1}\n', '6:9 value.conflict', 'only with `module`'],
    ['a line under command', '  command: python train.py\n', '5:12 value.type', '`cli`'],
    ['a list under cli', '  cli: [a]\n', '5:8 value.type', '`command`'],
    ['an empty command', '  command: []\n', '5:12 value.type', 'list of words'],
    ['an empty word first', '  command: ["", a]\n', '5:13 value.invalid', 'names no program'],
    ['an option first', '  command: [-c, a]\n', '5:13 value.invalid', 'option'],
    ['a variable first', '  cli: FOO=1 python x\n', '5:8 value.invalid', '`env`'],
    ['a pipe', '  cli: a | b\n', '5:8 value.invalid', 'operator'],
    ['an open quote', `  cli: "a 'b"\n`, '5:8 value.invalid', 'never closed'],
    ['nothing in a line', '  cli: " "\n', '5:8 value.invalid', 'names no program'],
    ['a nested list', '  command: [a, [b]]\n', '5:16 value.type', 'text'],
    ['an empty element', '  command: [a, null]\n', '5:16 value.type', 'quotes'],
    ['a NUL', '  command: [a, "\\0"]\n', '5:16 value.control_character', 'U+0000'],
    ['an escape sequence', '  command: [a, "\\e[31m"]\n', '5:16 value.control_character', 'U+001B'],
    ['half a surrogate pair', '  command: [a, "\\ud800"]\n', '5:16 value.control_character', 'U+D800'],
    ['an unknown placeholder', '  command: [a, "{{run_idd}}"]\n', '5:16 placeholder.unknown', '{{run_id}}'],
    ['an unfilled placeholder', '  command: [a, runs/<RUN_ID>/x]\n', '5:16 placeholder.unresolved', '{{run_id}}'],
    [
      'an unknown placeholder in args',
      '  module: m\n  args: {a: [{b: "{{nope}}"}]}\n',
      '6:18 placeholder.unknown',
      '{{nope}}',
    ],
    ['a file as module', '  module: train.py\n', '5:11 value.invalid', 'command: [python, train.py]'],
    ['a flag as key', '  module: m\n  args: {--epochs: 3}\n', '6:20 value.invalid', '`epochs`'],
    ['infinity', '  module: m\n  args: {a: .inf}\n', '6:13 value.invalid', 'finite'],
    ['args that are a list', '  module: m\n  args: [a]\n', '6:9 value.type', 'mapping'],
  ])('refuses %s', (_, entry, start, words) => {
    const found = complaints(withEntry(entry));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(start);
    expect(found[0]).toContain(words);
  });

  it('refuses words of more than 64 KiB, and more than 1 MiB in all', () => {
    expect(parseDesign(withEntry(`  command: [a, ${'x'.repeat(65_536)}]\n`), 'd').value).not.toBeNull();
    expect(complaints(withEntry(`  command: [a, ${'x'.repeat(65_537)}]\n`))[0]).toContain('at most 65536');
    expect(complaints(withEntry(`  module: m\n  args: {a: ${'x'.repeat(1_000_000)}}\n`))[0]).toContain(
      'has 1000000 bytes',
    );
    const many = `${'*w, '.repeat(14)}${`${'y'.repeat(65_000)}, `.repeat(3)}`;
    expect(complaints(withEntry(`  command: [&w ${'x'.repeat(65_000)}, ${many}]\n`))[0]).toContain('in all');
  });

  it('reports an extremely long key quickly, and in a few words', () => {
    const args = `  module: m\n  args:\n    ? ${'k'.repeat(900_000)}\n    : [${'null,'.repeat(10_000)}null]\n`;
    const began = cpuMs();
    const { problems } = parseDesign(withEntry(args), 'd');
    expect(cpuMs() - began).toBeLessThan(5_000);
    expect(JSON.stringify(problems).length).toBeLessThan(50_000);
    expect(problems[0]).toMatchObject({ line: 8, column: 8, pointer: null, code: 'value.type' });
  });

  it('lets any word through unchanged or refuses it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        const { value, problems } = parseDesign(
          JSON.stringify({
            id: 'd',
            iteration_id: 'i',
            entrypoint: { command: ['p', ...words] },
            compute: { location: 'local' },
          }),
          'd',
        );
        if (value === null)
          expect(problems[0]?.code).toMatch(/^(?:value\.control_character|placeholder\.|file\.syntax)/);
        else expect(value.entrypoint).toEqual({ kind: 'command', argv: ['p', ...words] });
      }),
    );
  });
});
