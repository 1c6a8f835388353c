import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { readSource } from './source.ts';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'autolab-source-'));
}

function codeOf(root: string, file: string): string | undefined {
  const read = readSource(root, file);
  expect(read.text).toBeNull();
  expect(read.problems).toHaveLength(1);
  expect(read.problems[0]?.message).not.toBe('');
  return read.problems[0]?.code;
}

describe('readSource', () => {
  it('gives text and the digest of the raw bytes', () => {
    const root = folder();
    writeFileSync(join(root, 'a.yaml'), 'id: d1\r\n');
    expect(readSource(root, 'a.yaml')).toEqual({
      file: 'a.yaml',
      text: 'id: d1\r\n',
      bom: false,
      sha256: sha256('id: d1\r\n'),
      missing: false,
      problems: [],
    });
  });

  it('accepts a BOM: it is not in the text but in the digest', () => {
    const root = folder();
    writeFileSync(join(root, 'a.json'), '\uFEFF{}');
    const read = readSource(root, 'a.json');
    expect(read).toMatchObject({ text: '{}', bom: true });
    expect(read.sha256).toBe(sha256('\uFEFF{}'));
  });

  it('distinguishes what can be in the way', () => {
    const root = folder();
    mkdirSync(join(root, 'folder.yaml'));
    writeFileSync(join(root, 'empty.yaml'), '');
    writeFileSync(join(root, 'blank.yaml'), ' \n\n');
    writeFileSync(join(root, 'nul.yaml'), 'a: \0');
    writeFileSync(join(root, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]));
    symlinkSync('loop.yaml', join(root, 'loop.yaml'));
    expect(codeOf(root, 'none.yaml')).toBe('file.missing');
    expect(codeOf(root, 'folder.yaml')).toBe('file.not_a_file');
    // Reading it would never end.
    expect(codeOf('/dev', 'zero')).toBe('file.not_a_file');
    expect(codeOf(root, 'empty.yaml')).toBe('file.empty');
    expect(codeOf(root, 'blank.yaml')).toBe('file.empty');
    expect(codeOf(root, 'nul.yaml')).toBe('file.binary');
    expect(codeOf(root, 'latin1.yaml')).toBe('file.binary');
    expect(codeOf(root, 'loop.yaml')).toBe('file.unreadable');
    expect(readSource(root, 'none.yaml').missing).toBe(true);
    expect(readSource(root, 'loop.yaml').missing).toBe(false);
  });

  it('says that a file without read permission is unreadable, to everybody but root', () => {
    const root = folder();
    writeFileSync(join(root, 'a.yaml'), 'id: d1\n');
    chmodSync(join(root, 'a.yaml'), 0);
    const codes = readSource(root, 'a.yaml').problems.map(({ code }) => code);
    expect(codes).toEqual(process.getuid?.() === 0 ? [] : ['file.unreadable']);
  });

  it('refuses 50 MB without reading them, and says both sizes', () => {
    const root = folder();
    writeFileSync(join(root, 'big.yaml'), '');
    truncateSync(join(root, 'big.yaml'), 50 * 1024 * 1024);
    const read = readSource(root, 'big.yaml');
    expect(read.sha256).toBeNull();
    expect(read.problems[0]?.code).toBe('file.too_large');
    expect(read.problems[0]?.message).toContain('50.0 MiB');
    expect(read.problems[0]?.message).toContain('1.0 MiB');
  });
});
