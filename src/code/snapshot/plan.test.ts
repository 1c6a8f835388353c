import { describe, expect, it } from 'vitest';
import type { FileDigest } from '../../records/digest-files.ts';
import { planSnapshot } from './plan.ts';

const SHA = 'a'.repeat(64);
const file = (executable = false): FileDigest => ({ kind: 'file', sha256: SHA, bytes: 1, executable });
const link = (target: string): FileDigest => ({ kind: 'symlink', sha256: SHA, bytes: 1, target });

const plan = (digests: Readonly<Record<string, FileDigest>>, links: readonly string[] = []) =>
  planSnapshot({
    found: { prefix: 'sub/p/' },
    digests: new Map(Object.entries(digests)),
    project: '/top/sub/p',
    links,
  });

describe('planSnapshot', () => {
  it('has files in their folders, and links to what is not code at the place of the project', () => {
    const { files, symlinks, folders } = plan({ 'sub/lib/b.py': file(), 'sub/p/a.py': file(true) }, ['data', 'x/y']);
    expect(files.map(({ path, executable }) => [path, executable])).toEqual([
      ['sub/lib/b.py', false],
      ['sub/p/a.py', true],
    ]);
    expect(symlinks).toEqual([
      { path: 'sub/p/data', target: '/top/sub/p/data' },
      { path: 'sub/p/x/y', target: '/top/sub/p/x/y' },
    ]);
    expect(folders).toEqual(['', 'sub', 'sub/p', 'sub/lib', 'sub/p/x']);
  });

  it('has the folder of the project if nothing is in it', () => {
    expect(plan({ 'lib.py': file() }).folders).toEqual(['', 'sub', 'sub/p']);
  });

  it('leaves out what looks like a secret', () => {
    expect(plan({ 'sub/p/.env': file(), 'sub/p/keys/a.pem': file() }).files).toEqual([]);
  });

  it.each([
    ['within', 'sub/p/a', '../lib/b', '../lib/b'],
    ['absolute', 'sub/p/a', '/data/set', '/data/set'],
    ['out of the tree', 'sub/p/a', '../../../elsewhere/x', '/elsewhere/x'],
    ['to what is above', 'a', '..', '/'],
  ])('a symbolic link %s leads to where it led', (_, path, target, expected) => {
    expect(plan({ [path]: link(target) }).symlinks).toEqual([{ path, target: expected }]);
  });

  it('has another digest for another name, content, mode, link or project', () => {
    const digests = [
      plan({ a: file() }),
      plan({ b: file() }),
      plan({ a: file(true) }),
      plan({ a: { ...file(), sha256: 'b'.repeat(64) } }),
      plan({ a: file() }, ['data']),
      plan({ a: link('b') }),
      plan({ a: link('c') }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(plan({ b: file(), a: file() }).digest).toBe(plan({ a: file(), b: file() }).digest);
  });
});
