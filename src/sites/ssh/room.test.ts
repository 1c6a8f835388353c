import { describe, expect, it } from 'vitest';
import { lacksRoom } from './room.ts';

const MIB = 1024 * 1024;

function files(count: number, bytes: number): { path: string; kind: 'file'; bytes: number }[] {
  return Array.from({ length: count }, (_, index) => ({ path: `many/${index}`, kind: 'file', bytes }));
}

const nothingHere = (): null => null;

describe('room for what comes back', () => {
  it.each([
    ['there is', files(1000, 1), nothingHere, { bytes: 8 * MIB, inodes: 5000 }, null],
    ['a large file', files(1, 16 * MIB), nothingHere, { bytes: 16 * MIB, inodes: 5000 }, /need 178\d{5} bytes/],
    ['the blocks of small files', files(4000, 1), nothingHere, { bytes: 8 * MIB, inodes: 5000 }, /bytes here/],
    ['inodes', files(1000, 1), nothingHere, { bytes: 64 * MIB, inodes: 1000 }, /need 1033 inodes here, and 1000 are/],
    ['inodes, which nobody counts', files(1000, 1), nothingHere, { bytes: 64 * MIB, inodes: null }, null],
    ['what is here already', files(2, 16 * MIB), () => 16 * MIB, { bytes: 0, inodes: 0 }, null],
    ['a file that grew', files(1, 16 * MIB), () => 8 * MIB, { bytes: 10 * MIB, inodes: 100 }, null],
    ['the launcher’s own records', files(1, 1), nothingHere, { bytes: 512 * 1024, inodes: 500 }, /bytes here/],
  ])('%s', (_what, entries, here, free, words) => {
    const told = lacksRoom(entries, here, free);
    if (words === null) expect(told).toBeNull();
    else expect(told).toMatch(words);
  });

  it('a link takes an inode, and no block', () => {
    const links = files(1000, 1).map((entry) => ({ ...entry, kind: 'symlink' as const }));
    expect(lacksRoom(links, nothingHere, { bytes: 2 * MIB, inodes: 2000 })).toBeNull();
    expect(lacksRoom(links, nothingHere, { bytes: 2 * MIB, inodes: 1000 })).toContain('inodes');
  });
});
