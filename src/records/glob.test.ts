import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { compileGlob } from './glob.ts';

describe('compileGlob', () => {
  it.each([
    ['metrics.json', 'metrics.json', true],
    ['metrics.json', 'metricsXjson', false],
    ['*.json', 'metrics.json', true],
    ['*.json', 'out/metrics.json', false],
    ['*.json', '.json', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?x', 'ax', true],
    ['?x', '.x', false],
    ['[!a]x', '.x', false],
    ['checkpoints/**', 'checkpoints/1/a/b.bin', true],
    ['checkpoints/**', 'checkpoints/.tmp/b.bin', false],
    ['checkpoints/**', 'checkpoints', false],
    ['**/b', 'b', true],
    ['**/b', 'a/c/b', true],
    ['**/b', 'ab', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'axb', false],
    ['**', 'a/b', true],
    ['a**b', 'a/b', false],
    ['[a-c]1', 'b1', true],
    ['[!a-c]1', 'b1', false],
    ['[]x]', ']', true],
    ['a[b', 'a[b', true],
    ['{a,b/c}.txt', 'b/c.txt', true],
    ['{a,{b,c}d}', 'cd', true],
    ['{a,{b,c}d}', 'd', false],
    ['x{,.gz}', 'x', true],
    ['{logs/**,x}', 'logs/a/b', true],
    ['{**,x}/y', 'a/b/y', true],
    ['{**,x}z', 'a/z', false],
    ['{a}', '{a}', true],
    ['{a,b', '{a,b', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['épo?ue', 'époque', true],
    ['?', '😀', true],
  ])('%s against %s: %s', (pattern, path, expected) => {
    expect(compileGlob(pattern).matches(path)).toBe(expected);
  });

  it('takes no more than linear time for patterns on which backtracking takes for ever', () => {
    const patterns = [`${'a*'.repeat(500)}b`, `${'{a,a,aa}'.repeat(500)}b`, `${'**/'.repeat(500)}b`];
    const path = `${'a'.repeat(1000)}c`;

    // A backtracking matcher needs more steps than there are atoms: the test would not end.
    expect(patterns.map((pattern) => compileGlob(pattern).matches(path))).toEqual([false, false, false]);
  });

  it('finds the same files as bash with globstar', () => {
    const names = ['a', 'b', '.a', 'ab', 'a.a', 'd/a', 'd/.a', 'd/e/b', 'd/e/a.a', '.d/a', 'd.a/b', 'e/ab'];
    const root = mkdtempSync(join(tmpdir(), 'autolab-glob-'));
    try {
      for (const name of names) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), '');
      }
      const atom = fc.constantFrom(
        'a',
        'b',
        'd',
        'e',
        '.a',
        '*',
        '?',
        '[ab]',
        '[!a]',
        '[.a]',
        '{a,b}',
        '{.a,d}',
        '{a*,*b}',
        '{,a}',
      );
      const segment = fc.oneof(
        { weight: 4, arbitrary: fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join('')) },
        { weight: 1, arbitrary: fc.constant('**') },
      );
      const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
      // No segment can come out as `..`: bash would leave the folder. Empty segments and `**` beside a brace are
      // left out: bash expands braces first, and to us they are one pattern.
      const odd = /(^|\/)(\{,a\})+(\/|$)|\*\*\{|\}\*\*|\*(\{,a\})+\*/;
      const patterns = fc.sample(pattern, 400).filter((text) => !odd.test(text));

      const script =
        'shopt -s globstar nullglob\nwhile IFS= read -r p; do eval "for f in $p; do [ -f \\"\\$f\\" ] && printf \\"%s \\" \\"\\$f\\"; done"; echo; done';
      const { stdout, stderr } = spawnSync('bash', ['-c', script], {
        cwd: root,
        input: `${patterns.join('\n')}\n`,
        encoding: 'utf8',
        timeout: 20_000,
      });

      expect(stderr).toBe('');
      const found = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => [...new Set(line.trim().split(' '))].filter((name) => names.includes(name)).sort());
      const ours = patterns.map((text) => names.filter((name) => compileGlob(text).matches(name)).sort());
      expect(patterns.map((text, index) => [text, ours[index]])).toEqual(
        patterns.map((text, index) => [text, found[index]]),
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
