import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import { LARGE_BYTES } from '../platform/openssl-sums.ts';
import { type ChecksumEntry, formatChecksums } from '../records/checksums.ts';
import { COMPARE, listsToCompare } from './far-digests.ts';
import { listArgv, parseList } from './far-list.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'far digests '));
  folders.push(made);
  return made;
}

const LARGE = Buffer.alloc(LARGE_BYTES + 1, 'large');
const NAMES = {
  plain: ['a', 'deep/b c', 'two  spaces', 'star *x', 'ünï'],
  odd: ['-x', 'new\nline', 'back\\slash', 'carriage\rreturn'],
};

function filesBelow(at: string): void {
  mkdirSync(join(at, 'deep'));
  for (const name of [...NAMES.plain, ...NAMES.odd])
    writeFileSync(join(at, name), Buffer.concat([LARGE, Buffer.from(name)]));
  writeFileSync(join(at, 'small'), 'small');
}

/** What `openssl` is on that host; `null`: there is none. It writes down what it is asked. */
interface Host {
  readonly path: string;
  readonly asked: () => string;
}

function hostWith(openssl: string | null): Host {
  const bin = folder();
  for (const name of ['sh', 'find', 'xargs', 'sha256sum', 'awk', 'sed', 'cut', 'head', 'cat', 'printf'])
    symlinkSync(execFileSync('bash', ['-c', `type -P ${name}`], { encoding: 'utf8' }).trim(), join(bin, name));
  const real = execFileSync('bash', ['-c', 'type -P openssl'], { encoding: 'utf8' }).trim();
  const log = join(bin, 'log');
  if (openssl !== null) {
    const text = `#!/bin/sh\nprintf '%s\\n' "$@" >> '${log}'\n${openssl.replace('REAL', `exec '${real}' "$@"`)}\n`;
    writeFileSync(join(bin, 'openssl'), text, { mode: 0o755 });
  }
  return { path: bin, asked: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

const HOSTS: readonly (readonly [string, string | null])[] = [
  ['openssl', 'REAL'],
  ['no openssl', null],
  ['an openssl that fails', 'echo no such digest >&2; exit 1'],
  ['an openssl that fails after some files', `for file in "$@"; do :; done; sha256sum -b "$file"; exit 1`],
];

describe.each(HOSTS)('where there is %s', (what, openssl) => {
  it('every file has its digest', () => {
    const at = folder();
    filesBelow(at);
    const host = hostWith(openssl);
    const [command = '', ...words] = listArgv(at, 'yes');
    const { stdout, stderr } = spawnSync(command, words, { env: { PATH: host.path }, maxBuffer: 1e8 });
    const listing = parseList(stdout, stderr.toString('utf8'));
    expect(listing?.problems).toEqual([]);
    const found = Object.fromEntries((listing?.entries ?? []).map((entry) => [entry.path, entry.sha256]));
    const all = [...NAMES.plain, ...NAMES.odd].map((name) => [name, sha256(Buffer.concat([LARGE, Buffer.from(name)]))]);
    expect(found).toEqual({ ...Object.fromEntries(all), small: sha256('small') });
    if (what !== 'openssl') return;
    // Only what takes its time, and has a name that it writes as sha256sum does.
    const asked = host
      .asked()
      .split('\n')
      .filter((word) => word.startsWith('./'));
    expect(asked.sort()).toEqual([...NAMES.plain, '-x'].map((name) => `./${name}`).sort());
  });

  it('a list is compared, and what differs is named', () => {
    const at = folder();
    filesBelow(at);
    const host = hostWith(openssl);
    const entries: ChecksumEntry[] = [...NAMES.plain, ...NAMES.odd].map((path) => ({
      ...{ path, sha256: sha256(Buffer.concat([LARGE, Buffer.from(path)])) },
    }));
    const all = [...entries, { path: 'small', sha256: sha256('small') }];
    const compared = (list: readonly ChecksumEntry[]): { readonly status: number | null; readonly stdout: string } => {
      const sizes = (path: string): number => (path === 'small' ? 5 : LARGE.length);
      const [large, others] = listsToCompare(list, sizes).map((part) => Buffer.from(formatChecksums(part)));
      return spawnSync('sh', ['-c', COMPARE, 'sh', String(large?.length)], {
        ...{ cwd: at, encoding: 'utf8', env: { PATH: host.path, LC_ALL: 'C' } },
        input: Buffer.concat([large ?? Buffer.alloc(0), others ?? Buffer.alloc(0)]),
      });
    };
    expect(compared(all)).toMatchObject({ status: 0, stdout: '' });
    if (what === 'openssl')
      expect(host.asked().split('\n').sort()).toEqual(expect.arrayContaining([...NAMES.plain].sort()));
    // With large files alone, and with none.
    expect(compared(entries.slice(0, 2))).toMatchObject({ status: 0, stdout: '' });
    expect(compared(all.slice(-1))).toMatchObject({ status: 0, stdout: '' });
    writeFileSync(join(at, 'star *x'), LARGE);
    writeFileSync(join(at, 'small'), 'other');
    rmSync(join(at, 'deep/b c'));
    const { status, stdout } = compared(all);
    expect(status).toBe(1);
    expect(stdout.trim().split('\n').sort()).toEqual([
      'deep/b c: FAILED open or read',
      'small: FAILED',
      'star *x: FAILED',
    ]);
  });
});

it('nothing that openssl says makes a changed file the same', () => {
  const at = folder();
  writeFileSync(join(at, 'a'), LARGE);
  writeFileSync(join(at, 'b'), 'small');
  const entries = [
    { path: 'a', sha256: sha256('another') },
    { path: 'b', sha256: sha256('small') },
  ];
  const [large = '', others = ''] = listsToCompare(entries, (path) => (path === 'a' ? LARGE.length : 5)).map((part) =>
    formatChecksums(part),
  );
  const says = ['', `${sha256('another')} *b`, `${sha256('another')} *a\n${sha256('x')} *b`, 'SHA2-256(a)= 0'];
  for (const words of says) {
    const host = hostWith(`printf '%s\\n' '${words}'`);
    const { status, stdout } = spawnSync('sh', ['-c', COMPARE, 'sh', String(large.length)], {
      ...{ cwd: at, encoding: 'utf8', env: { PATH: host.path, LC_ALL: 'C' }, input: large + others },
    });
    expect([status, stdout], words).toEqual([1, 'a: FAILED\n']);
  }
});
