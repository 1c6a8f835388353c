import { linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../platform/ids.ts';
import { fillStore, fillTree } from './fill.ts';
import type { SnapshotPlan } from './plan.ts';

let folder: string;
let elsewhere: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-fill-'));
  // Another file system, to which nothing here can be linked.
  elsewhere = mkdtempSync('/dev/shm/autolab-fill-');
  for (const name of ['from', 'one', 'two', 'store']) mkdirSync(join(folder, name));
});

afterEach(() => {
  for (const each of [folder, elsewhere]) rmSync(each, { recursive: true, force: true });
});

function planFor(texts: Readonly<Record<string, string>>): SnapshotPlan {
  const files = Object.entries(texts).map(([path, text]) => {
    writeFileSync(join(folder, 'from', path), text);
    return { path, sha256: sha256(text), bytes: text.length, executable: path.endsWith('.sh') };
  });
  return { digest: '', files, symlinks: [], folders: [''] };
}

async function fill(plan: SnapshotPlan, name: string, store = join(folder, 'store')) {
  const to = join(folder, name);
  const filled = await fillTree(plan, { from: join(folder, 'from'), to, store });
  await fillStore(filled.copied, to, store);
  return { ...filled, text: (path: string): string => readFileSync(join(to, path), 'utf8') };
}

describe('fillTree and fillStore', () => {
  it('copies once, and links from then on; equal files that differ in their mode are two', async () => {
    const plan = planFor({ a: 'same\n', 'b.sh': 'same\n', c: 'same\n', large: 'x'.repeat(2 * 1024 * 1024) });
    const first = await fill(plan, 'one');
    expect([first.copied.length, first.linked, first.changed]).toEqual([4, 0, []]);
    const second = await fill(plan, 'two');
    expect([second.copied.length, second.linked, second.text('b.sh')]).toEqual([0, 4, 'same\n']);
    expect(readdirSync(join(folder, 'store'))).toHaveLength(3);
    const mode = (path: string): number => lstatSync(join(folder, 'two', path)).mode & 0o111;
    expect([mode('a') === 0, mode('b.sh') === 0, mode('large') === 0]).toEqual([true, false, true]);
    // The user's own files have no second name.
    expect(readdirSync(join(folder, 'from')).map((path) => lstatSync(join(folder, 'from', path)).nlink)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('copies if the file system has no hard links', async () => {
    const plan = planFor({ a: 'one\n', b: 'two\n' });
    for (const name of ['one', 'two']) {
      const filled = await fill(plan, name, elsewhere);
      expect([filled.copied.length, filled.linked, filled.text('b')]).toEqual([2, 0, 'two\n']);
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('names files that are no longer what was listed', async () => {
    const plan = planFor({ a: 'one\n', b: 'two\n', c: 'three\n', d: 'x'.repeat(2 * 1024 * 1024) });
    writeFileSync(join(folder, 'from', 'a'), 'two\n');
    rmSync(join(folder, 'from', 'b'));
    rmSync(join(folder, 'from', 'c'));
    mkdirSync(join(folder, 'from', 'c'));
    writeFileSync(join(folder, 'from', 'd'), 'y'.repeat(2 * 1024 * 1024));
    expect((await fill(plan, 'one')).changed).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not take from the store what was written to there', async () => {
    const plan = planFor({ a: 'one\n' });
    await fill(plan, 'one');
    const [name = ''] = readdirSync(join(folder, 'store'));
    rmSync(join(folder, 'store', name));
    writeFileSync(join(folder, 'store', name), 'two\n');
    linkSync(join(folder, 'store', name), join(folder, 'other name'));
    const filled = await fill(plan, 'two');
    expect([filled.copied.length, filled.text('a')]).toEqual([1, 'one\n']);
    expect(readFileSync(join(folder, 'store', name), 'utf8')).toBe('one\n');
  });
});
