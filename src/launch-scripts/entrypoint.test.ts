import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { entrypointWords, resolveWords, shellWords } from './entrypoint.ts';

const VALUES = { run_id: 'r1', run_dir: '/p/a b/r1', iteration_id: 'it1', repo_root: '/p/a b', scratch: '/tmp/s' };
const argvOf = (args: Record<string, unknown>): string[] =>
  resolveWords(entrypointWords({ kind: 'module', module: 'package.train', args }, 'python3'), VALUES);

describe('entrypointWords of a module', () => {
  it('writes python -m module with sorted kebab-case flags', () => {
    expect(argvOf({ use_amp: true, batch_size: 8, epochs: 3 })).toEqual(
      'python3 -m package.train --batch-size 8 --epochs 3 --use-amp'.split(' '),
    );
  });

  it.each([
    ['true is the bare flag', { a: true }, ['--a']],
    ['false is nothing', { a: false }, []],
    ['null is nothing', { a: null }, []],
    ['a list is the flag once per element', { a: [1, 'x', true] }, ['--a', '1', '--a', 'x', '--a']],
    ['an empty list is nothing', { a: [] }, []],
    [
      'a mapping is compact JSON with sorted keys',
      { a: { y: [1, { d: 1, c: 2 }], x: 'q r' } },
      ['--a', '{"x":"q r","y":[1,{"c":2,"d":1}]}'],
    ],
    ['a list in a list is compact JSON', { a: [[1, 2]] }, ['--a', '[1,2]']],
    ['an empty text stays an argument', { a: '' }, ['--a', '']],
    ['zero stays an argument', { a: 0 }, ['--a', '0']],
    ['a value that looks like an option is tied to its flag', { a: -1, b: '--c' }, ['--a=-1', '--b=--c']],
    ['a number that JavaScript writes with an exponent', { a: 1e-7 }, ['--a', '1e-7']],
  ])('%s', (_, args, expected) => {
    expect(argvOf(args).slice(3)).toEqual(expected);
  });
});

describe('placeholders', () => {
  it('are resolved wherever they stand in a word, and only the known ones', () => {
    const words = entrypointWords(
      { kind: 'command', argv: ['x', '--out={{run_dir}}/m-{{ run_id }}', '{{other}}', '{{run_id'] },
      '',
    );

    expect(resolveWords(words, VALUES)).toEqual(['x', '--out=/p/a b/r1/m-r1', '{{other}}', '{{run_id']);
  });

  it('are not looked for in the values that they are replaced by', () => {
    const words = entrypointWords({ kind: 'command', argv: ['{{run_dir}}'] }, '');

    expect(resolveWords(words, { ...VALUES, run_dir: '/p/{{run_id}}' })).toEqual(['/p/{{run_id}}']);
  });

  it('become variables in a script, so that it does not depend on the run', () => {
    const words = entrypointWords({ kind: 'command', argv: ['a b', '{{run_dir}}/x y', '{{scratch}}', ''] }, '');

    expect(shellWords(words)).toBe(`'a b' "\${AUTOLAB_RUN_DIR}"'/x y' "\${AUTOLAB_SCRATCH}" ''`);
  });
});

/** Text that is special to a shell, a terminal or a template. */
const hostile = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    '`id`',
    '$(id)',
    '${HOME}',
    '$HOME',
    '\\',
    '\n',
    '\r',
    '\t',
    '!',
    '!!',
    '#',
    ';',
    '&&',
    '|',
    '>',
    '<',
    '*',
    '?',
    '[a]',
    '{a,b}',
    '~',
    '-',
    '--',
    '-n',
    '\u202e',
    '\u2066',
    '\ufeff',
    '%s',
    'é',
    '😀',
    ' ',
    '{{run_dir}}',
    '{{x}}',
    '\u0001',
    '\u001b[31m',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const word = fc.array(hostile, { maxLength: 8 }).map((parts) => parts.join('').replaceAll('\0', ''));

describe('shellWords', () => {
  it.each(['bash', 'dash'])('lets every word reach the program literally, in %s', (shell) => {
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 25, maxLength: 25 }),
        (commands) => {
          const words = commands.map((argv) => entrypointWords({ kind: 'command', argv }, ''));
          const script = words.map((argv) => `printf '%s\\0' ${shellWords(argv)}\n`).join('');
          const environment = { PATH: process.env['PATH'], AUTOLAB_RUN_DIR: VALUES.run_dir };

          const { stdout, stderr } = spawnSync(shell, ['-u', '-s'], {
            input: script,
            env: environment,
            encoding: 'utf8',
          });

          expect(stderr).toBe('');
          expect(stdout.split('\0').slice(0, -1)).toEqual(words.flatMap((argv) => resolveWords(argv, VALUES)));
        },
      ),
      { numRuns: 25 },
    );
  });
});
