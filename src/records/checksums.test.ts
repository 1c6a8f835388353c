import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { sha256 } from '../platform/ids.ts';
import { formatChecksums, parseChecksums } from './checksums.ts';

const A = 'a'.repeat(64);

/** What a file system takes and a line format may trip over. */
const segment = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      '-',
      '\n',
      '\r',
      '\\',
      'n',
      ' ',
      '*',
      '#',
      "'",
      '"',
      '\t',
      'é',
      '😀',
      '\uFFFD',
      '\u202e',
      ':',
      '.',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((name) => name !== '.' && name !== '..');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

describe('formatChecksums', () => {
  it('sorts by the bytes of the path, not by UTF-16', () => {
    const text = formatChecksums(
      ['b', '\u{1F600}', '\uFF5E', 'a/b', 'a.b', 'B'].map((name) => ({ path: name, sha256: A })),
    );

    expect(text.split('\n').map((line) => line.slice(66))).toEqual(['B', 'a.b', 'a/b', 'b', '\uFF5E', '\u{1F600}', '']);
  });

  it('escapes as GNU coreutils do', () => {
    expect(formatChecksums([{ path: 'a\\b\nc\rd', sha256: A }])).toBe(`\\${A}  a\\\\b\\nc\\rd\n`);
  });

  it('puts comments on top, each on one line', () => {
    expect(formatChecksums([{ path: 'a', sha256: A }], ['made\nby me'])).toBe(`# made by me\n${A}  a\n`);
  });
});

describe('parseChecksums', () => {
  it('reads back what was written, for any paths', () => {
    const entries = fc.uniqueArray(
      fc.record({ path, sha256: fc.constant(A), kind: fc.constantFrom('file' as const, 'symlink' as const) }),
      { selector: (entry) => entry.path },
    );
    fc.assert(
      fc.property(entries, (wanted) => {
        const { value, problems } = parseChecksums(formatChecksums(wanted), 'x');

        expect(problems).toEqual([]);
        expect([...(value ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
          [...wanted].sort((a, b) => (a.path < b.path ? -1 : 1)),
        );
      }),
    );
  });

  it.each([
    ['a short digest', `${A.slice(1)}  a\n`, 1],
    ['upper case', `${A.toUpperCase()}  a\n`, 1],
    ['one space', `${A} a\n`, 1],
    ['no path', `${A}  \n`, 1],
    ['an empty line', `${A}  a\n\n`, 2],
    ['a cut last line', `${A}  a\n${A}  b`, 2],
    ['an unknown escape', `\\${A}  a\\tb\n`, 1],
    ['a path twice', `${A}  a\n${A}  b\n${A}  a\n`, 3],
  ])('refuses %s, naming the line', (_, text, line) => {
    const { value, problems } = parseChecksums(text, 'artifacts.sha256');

    expect(value).toBeNull();
    expect(problems).toMatchObject([{ file: 'artifacts.sha256', line, code: 'file.syntax' }]);
  });

  it('reads the binary mark and passes over comments', () => {
    expect(parseChecksums(`# hello\n${A} *a\n# symlink of mine\n`, 'x').value).toEqual([
      { path: 'a', sha256: A, kind: 'file' },
    ]);
  });
});

describe('the real sha256sum', () => {
  it('checks what we write and writes what we read, for nasty names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), (wanted) => {
        const root = mkdtempSync(join(tmpdir(), 'autolab-sums-'));
        try {
          const paths = wanted.filter((name) => makeFile(root, name));
          const entries = paths.map((name) => ({ path: name, sha256: sha256(name), kind: 'file' as const }));
          symlinkSync('nowhere', join(root, 'dangling link'));
          const text = formatChecksums(
            [...entries, { path: 'dangling link', sha256: A, kind: 'symlink' }],
            ['a comment'],
          );

          const check = spawnSync('sha256sum', ['--strict', '--quiet', '-c'], {
            cwd: root,
            input: text,
            encoding: 'utf8',
          });
          const list = spawnSync('sha256sum', ['--', ...paths.map((name) => (name === '-' ? './-' : name))], {
            cwd: root,
            encoding: 'utf8',
          });

          expect(check).toMatchObject({ status: 0, stdout: '', stderr: '' });
          expect(new Set(parseChecksums(list.stdout, 'x').value)).toEqual(new Set(entries));
        } finally {
          rmSync(root, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('finds the file that changed', () => {
    const root = mkdtempSync(join(tmpdir(), 'autolab-sums-'));
    try {
      makeFile(root, 'a\nb');
      const check = spawnSync('sha256sum', ['-c'], {
        cwd: root,
        input: formatChecksums([{ path: 'a\nb', sha256: A }]),
        encoding: 'utf8',
      });

      expect(check.status).toBe(1);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

/** false where another path is in the way: a file where a folder is needed. */
function makeFile(root: string, path: string): boolean {
  try {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path, { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
