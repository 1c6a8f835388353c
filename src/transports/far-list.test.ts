import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { listArgv, parseList } from './far-list.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'far list '));
  folders.push(made);
  return made;
}

function list(at: string, digests: Parameters<typeof listArgv>[1] = 'yes'): ReturnType<typeof parseList> {
  const [command = '', ...words] = listArgv(at, digests);
  const { stdout, stderr } = spawnSync(command, words);
  return parseList(stdout, stderr.toString('utf8'));
}

describe('a listing of another host', () => {
  it('has the digests at once if that is little work, and says whether it has them', () => {
    const at = folder();
    writeFileSync(join(at, 'digests'), 'x');
    expect(list(at, 'if_small')).toMatchObject({ isDigested: true, entries: [{ sha256: sha256('x') }] });
    expect(list(at, 'no')).toMatchObject({ isDigested: false, entries: [{ sha256: null }] });
    for (let index = 0; index < 1000; index += 1) writeFileSync(join(at, String(index)), '');
    expect(list(at, 'if_small')).toMatchObject({ isDigested: false });
    const large = folder();
    writeFileSync(join(large, 'large'), '');
    truncateSync(join(large, 'large'), 5_000_000);
    expect(list(large, 'if_small')).toMatchObject({ isDigested: false });
    expect(list(large)?.isDigested).toBe(true);
  });

  it('has every file and link under its own name, with size and digest', () => {
    const at = folder();
    const names = ['a', ' b ', '-c', 'new\nline', 'back\\slash', 'ünï', 'deep/er/x', '# d'];
    mkdirSync(join(at, 'deep/er'), { recursive: true });
    mkdirSync(join(at, 'empty'));
    for (const name of names) writeFileSync(join(at, name), `of ${name}`);
    symlinkSync('/etc/passwd', join(at, 'out'));
    const listing = list(at);
    expect(listing?.problems).toEqual([]);
    const found = new Map(listing?.entries.map((entry) => [entry.path, entry]));
    expect([...found.keys()].sort()).toEqual([...names, 'out'].sort());
    for (const name of names)
      expect(found.get(name), name).toMatchObject({
        kind: 'file',
        bytes: Buffer.byteLength(`of ${name}`),
        sha256: sha256(`of ${name}`),
      });
    expect(found.get('out')).toMatchObject({ kind: 'symlink', sha256: sha256('/etc/passwd') });
  });

  it('says what can stand in no record', () => {
    const at = folder();
    execFileSync('mkfifo', [join(at, 'pipe')]);
    writeFileSync(Buffer.concat([Buffer.from(`${at}/bad-`), Buffer.from([0xff])]), '');
    const listing = list(at);
    expect(listing?.entries).toEqual([]);
    expect(listing?.odd).toEqual(['pipe']);
    expect(listing?.problems).toEqual([expect.stringContaining('the name is not UTF-8')]);
  });

  it('knows a file that may not be read before it is tried', () => {
    const at = folder();
    writeFileSync(join(at, 'open'), '');
    writeFileSync(join(at, 'shut'), '', { mode: 0o000 });
    // Root may read everything, unless it is bound by modes like other users.
    const asAnybody = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : ['env'];
    const [command = '', ...words] = [...asAnybody, ...listArgv(at, 'yes')];
    const { stdout, stderr } = spawnSync(command, words);
    const listing = parseList(stdout, stderr.toString('utf8'));
    const told = listing?.entries.map(({ path, kind, readable, sha256: digest }) => [path, kind, readable, digest]);
    expect(told?.sort()).toEqual([
      ['open', 'file', true, sha256('')],
      ['shut', 'file', false, null],
    ]);
    expect(listing?.problems.join()).toContain('Permission denied');
  });

  it('recognizes a changed file by size or time, without digests', () => {
    const at = folder();
    writeFileSync(join(at, 'x'), 'one');
    const before = list(at, 'no')?.entries;
    expect(before?.[0]?.sha256).toBeNull();
    utimesSync(join(at, 'x'), 1, 1);
    expect(list(at, 'no')?.entries).not.toEqual(before);
  });

  it('is none where the answer was cut short, or the folder is missing', () => {
    expect(parseList(Buffer.from('f\0'), '')).toBeNull();
    expect(list('/nowhere/at/all')).toBeNull();
  });

  it('takes in no path that leads out of the folder', () => {
    const entry = (path: string): string => ['f', '1', '0', path, ''].map((field) => `${field}\0`).join('');
    const text = ['../x', '/etc/passwd', 'a/../../x', '', 'a'].map(entry).join('');
    const listing = parseList(Buffer.from(`${text}end of the list\0`), '');
    expect(listing?.entries.map(({ path }) => path)).toEqual(['a']);
    expect(listing?.problems).toHaveLength(4);
  });
});
