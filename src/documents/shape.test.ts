import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { editDistance, likelyWord } from '../platform/misspelling.ts';
import { shown } from './excerpt.ts';
import { parsed } from './located.ts';
import { shape } from './shape.ts';
import { yamlDocument } from './yaml-document.ts';

const schema = z.object({
  name: z.string(),
  mode: z.enum(['local', 'slurm']),
  cpus: z.int().min(1).max(64).nullish(),
  strict: z.boolean().nullish(),
  parts: z.array(z.object({ memory: z.string() })).nullish(),
});

function messages(text: string): string[] {
  return shape(yamlDocument(text, 'f'), schema, { 'parts[].memory': 'an amount such as "4G"' }).problems.map(
    ({ line, column, severity, code, message }) => `${String(line)}:${String(column)} ${severity} ${code} ${message}`,
  );
}

describe('shape', () => {
  it('gives the value of a document that fits', () => {
    expect(shape(yamlDocument('name: a\nmode: local\nother: 1\n', 'f'), schema)).toEqual({
      value: { name: 'a', mode: 'local' },
      draft: { name: 'a', mode: 'local' },
      problems: [],
      meant: [],
    });
  });

  it('walks the schema instead of writing a function for it, which one document would not pay back', () => {
    const writer = vi.spyOn(globalThis, 'Function');
    shape(yamlDocument('name: a\nmode: local\n', 'f'), z.object({ name: z.string(), mode: z.string() }));
    expect(writer).not.toHaveBeenCalled();
    writer.mockRestore();
  });

  it('turns every issue into a problem with place, offending text and what to write', () => {
    expect(messages('name: 12\nmode: slrum\ncpus: 1.5\nstrict: "yes"\nparts:\n  - memory: 4\n  - {}\n')).toEqual([
      '1:7 error value.type `name` must be text; it says `12`; put it in quotes: "12"',
      '2:7 error value.invalid `mode` must be `local` or `slurm`; it says `slrum`; did you mean `slurm`?',
      '3:7 error value.type `cpus` must be a whole number; it says `1.5`',
      '4:9 error value.type `strict` must be `true` or `false`; it says `"yes"`; write true',
      '6:13 error value.type `parts[0].memory` must be text; it says `4`; put it in quotes: "4"; write an amount such as "4G"',
      '7:5 error value.missing `parts[1].memory` is missing; write an amount such as "4G"',
    ]);
  });

  it('lists the first problems of very many, and says that there are more', () => {
    const document = yamlDocument(`name: a\nmode: local\nparts: [${'1, '.repeat(10_000)}]\n`, 'f');
    const { problems } = parsed('f', null, shape(document, schema).problems);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toContain('there are more problems');
    expect(problems.at(-1)?.severity).toBe('error');
  });

  it('says what is missing and which range holds', () => {
    expect(messages('name: a\ncpus: 65\n')).toEqual([
      '1:1 error value.missing `mode` is missing; write `local` or `slurm`',
      '2:7 error value.invalid `cpus` must be at most 64; it says `65`',
    ]);
    expect(messages('name: a\nmode: local\ncpus: "2"\n')).toEqual([
      '3:7 error value.type `cpus` must be a number; it says `"2"`; leave the quotes out: 2',
    ]);
  });

  it('warns of a key that is probably misspelled, and only of that', () => {
    expect(messages('name: a\nmode: local\ncpsu: 2\nowner: me\nparts:\n  - {memory: 1G, memroy: 2G}\n')).toEqual([
      '3:1 warning value.unknown_key the key `cpsu` is not known and has no effect; did you mean `cpus`?',
    ]);
  });
});

describe('likelyWord', () => {
  it.each([
    ['memroy', 'memory'],
    ['gpu-count', 'gpu_count'],
    ['gpuCount', 'gpu_count'],
    ['walltme', 'walltime'],
    ['tiem', 'time'],
  ])('%s → %s', (word, meant) => {
    expect(likelyWord(word, ['memory', 'gpu_count', 'walltime', 'time', 'cpus'])).toBe(meant);
  });

  it('leaves other words alone', () => {
    expect(likelyWord('owner', ['memory', 'nodes', 'nice'])).toBeNull();
    expect(likelyWord('x'.repeat(1_000_000), ['memory'])).toBeNull();
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('memroy', 'memory', 2)).toBe(1);
    expect(editDistance('abc', 'abc', 2)).toBe(0);
    expect(editDistance('', 'abcdef', 2)).toBe(3);
  });
});

describe('shown', () => {
  it('is one short line without anything that a terminal would act on', () => {
    expect(shown('a\n\u001b[31m\u202e\ud800')).toBe('`a\\n\\u{1b}[31m\\u{202e}\\u{d800}`');
    expect(shown('x'.repeat(1_000_000))).toBe(`\`${'x'.repeat(60)}…\``);
  });
});
