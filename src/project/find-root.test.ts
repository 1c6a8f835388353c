import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRoot } from './find-root.ts';

describe('findRoot', () => {
  it('finds the nearest folder with .autolab/', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'autolab-root-')));
    mkdirSync(join(root, '.autolab'));
    mkdirSync(join(root, 'a/.autolab'), { recursive: true });
    mkdirSync(join(root, 'a/b/c'), { recursive: true });
    mkdirSync(join(root, 'x/y'), { recursive: true });
    expect(findRoot(join(root, 'a/b/c'))).toBe(join(root, 'a'));
    expect(findRoot(join(root, 'x/y'))).toBe(root);
    expect(findRoot(root)).toBe(root);
  });

  it('does not take a file for it, but a link, which the guards judge', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'autolab-root-')));
    mkdirSync(join(root, 'in'));
    writeFileSync(join(root, 'in/.autolab'), '');
    expect(findRoot(join(root, 'in'))).toBeNull();
    symlinkSync('/nowhere', join(root, '.autolab'));
    expect(findRoot(join(root, 'in'))).toBe(root);
  });
});
