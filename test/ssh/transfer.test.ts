import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SshTransport, sshTransport } from '../../src/transports/ssh.ts';
import { transfer, type Transferred } from '../../src/transports/transfer.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { temporaryFolder } from '../support/project.ts';

const NAMES = ['a', ' b ', '-c', 'new\nline', 'ünï', 'deep/er/-x', '#d', "it's", '*'];
const before = { ...process.env };
let far: Far;
let ssh: SshTransport;
let round = 0;

function fill(folder: string): void {
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  for (const name of NAMES) writeFileSync(join(folder, name), `of ${name}`);
  symlinkSync('/etc/passwd', join(folder, 'link'));
  writeFileSync(join(folder, 'left'), '');
}

function digests(folder: string): string {
  return execFileSync('sh', ['-c', 'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; readlink link'], {
    cwd: folder,
    encoding: 'utf8',
  });
}

async function move(direction: 'push' | 'pull', here: string, there: string): Promise<Transferred> {
  const files = [...NAMES, 'link'].map((path) => ({ path, bytes: 10 }));
  return transfer(ssh, { direction, here, there, files });
}

function places(): { readonly here: string; readonly there: string } {
  round += 1;
  const there = join(far.home, `place ${round}`);
  mkdirSync(there);
  return { here: temporaryFolder(), there };
}

describeOverSsh('moving files', () => {
  beforeAll(async () => {
    far = await Far.start();
    Object.assign(process.env, far.near);
    ssh = sshTransport({ destination: 'far', connectTimeoutSeconds: 5, setup: null });
  });
  afterAll(() => {
    process.env = { ...before };
  });

  async function both(method: 'rsync' | 'tar'): Promise<void> {
    const { here, there } = places();
    fill(here);
    expect(await move('push', here, there)).toMatchObject({ method, failure: null });
    expect(existsSync(join(there, 'left'))).toBe(false);
    expect(readlinkSync(join(there, 'link'))).toBe('/etc/passwd');
    const back = temporaryFolder();
    writeFileSync(join(back, 'mine'), 'stays');
    expect(await move('pull', back, there)).toMatchObject({ method, failure: null });
    expect(existsSync(join(back, 'mine'))).toBe(true);
    execFileSync('rm', [join(back, 'mine')]);
    expect(digests(back)).toBe(digests(there));
    expect(digests(back)).toContain('deep/er/-x');
  }

  test('by rsync: any names, links as links, nothing that was not named, nothing deleted', () => both('rsync'));

  test('rsync is only taken where it is found as rsync will look for it', async () => {
    const tools = join(far.folder, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'rsync'), '#!/bin/sh\nexec /usr/bin/rsync "$@"\n', { mode: 0o755 });
    far.program('rsync', '#!/bin/sh\nexit 127\n');
    const setup = sshTransport({ destination: 'far', connectTimeoutSeconds: 5, setup: `PATH=${tools}:$PATH` });
    expect((await setup.run(['rsync', '--version'], { timeoutMs: 60_000 })).exitCode).toBe(0);
    const { here, there } = places();
    fill(here);
    const files = [{ path: 'a', bytes: 4 }];
    const moved = await transfer(setup, { direction: 'push', here, there, files });
    expect(moved).toMatchObject({ method: 'tar', failure: null });
    execFileSync('rm', [join(far.folder, 'bin/rsync')]);
  });

  test.each(['rsync', 'tar'] as const)('10000 small files by %s', async (method) => {
    if (method === 'tar') far.program('rsync', '#!/bin/sh\nexit 127\n');
    const { here, there } = places();
    execFileSync('sh', ['-c', 'seq 10000 | split -l 1 -a 4 - f'], { cwd: there });
    const files = readdirSync(there).map((path) => ({ path, bytes: 5 }));
    expect(files).toHaveLength(10_000);
    expect(await transfer(ssh, { direction: 'pull', here, there, files })).toMatchObject({ method, failure: null });
    execFileSync('diff', ['-r', here, there]);
    if (method === 'tar') execFileSync('rm', [join(far.folder, 'bin/rsync')]);
  });

  test('goes on where it was cut off', async () => {
    const { here, there } = places();
    const big = join(there, 'big');
    // Incompressible or not does not matter: nothing is compressed.
    execFileSync('sh', ['-c', `head -c 300000000 /dev/urandom > '${big}'`]);
    const files = [{ path: 'big', bytes: 300_000_000 }];
    // So slow that the cut comes before the end, however seldom progress is reported.
    far.program(
      'rsync',
      '#!/bin/sh\n[ "$1" = --server ] && shift && set -- --server --bwlimit=40000 "$@"\nexec /usr/bin/rsync "$@"\n',
    );
    let cut = 0;
    const first = await transfer(ssh, {
      direction: 'pull',
      here,
      there,
      files,
      onProgress: ({ bytes }) => {
        if (bytes > 20_000_000 && cut === 0) cut = far.cutConnections();
      },
    });
    expect(cut).toBeGreaterThan(0);
    expect(first.failure?.lost?.kind, JSON.stringify([cut, first])).toBe('dropped');
    expect(statSync(join(here, '.autolab-partial/big')).size).toBeGreaterThan(0);
    expect(existsSync(join(here, 'big'))).toBe(false);
    far.program('rsync', '#!/bin/sh\nexec /usr/bin/rsync "$@"\n');
    expect(await transfer(ssh, { direction: 'pull', here, there, files })).toMatchObject({ failure: null });
    execFileSync('cmp', [big, join(here, 'big')]);
    truncateSync(big);
  });

  test('says that there is no room, or no permission', async () => {
    const { here, there } = places();
    fill(here);
    writeFileSync(join(there, 'in the way'), '');
    const failed = await transfer(ssh, {
      direction: 'push',
      here,
      there: join(there, 'in the way'),
      files: [{ path: 'a', bytes: 1 }],
    });
    expect(failed.failure).not.toBeNull();
    expect(failed.failure?.words).not.toBe('');
  });

  test('by tar where rsync is missing over there', async () => {
    far.program('rsync', '#!/bin/sh\nexit 127\n');
    await both('tar');
  });

  test.each(['push', 'pull'] as const)(
    'a %s of what is too large for memory goes by pieces, and on where it was ended',
    async (direction) => {
      far.program('rsync', '#!/bin/sh\nexit 127\n');
      const { here, there } = places();
      const [from, to] = direction === 'push' ? [here, there] : [there, here];
      const name = "sub/it's -big";
      mkdirSync(join(from, 'sub'));
      mkdirSync(join(to, 'sub'));
      execFileSync('sh', [
        '-c',
        'head -c 70000000 /dev/urandom >"$1" && chmod 640 "$1" && touch -d @1000000000 "$1"',
        'sh',
        join(from, name),
      ]);
      const order = { direction, here, there, files: [{ path: name, bytes: 70_000_000 }] };
      const control = new AbortController();
      let cut = 0;
      const onProgress = ({ bytes }: { readonly bytes: number }): void => {
        // Between two pieces a broken connection does no harm.
        if (cut === 0) cut = far.cutConnections();
        else if (bytes > 32_000_000) control.abort();
      };
      const first = await transfer(ssh, { ...order, onProgress, signal: control.signal });
      expect(cut).toBeGreaterThan(0);
      expect(first).toMatchObject({ method: 'tar', failure: { full: false } });
      expect(existsSync(join(to, name))).toBe(false);
      expect(statSync(join(to, "sub/.autolab-partial/it's -big")).size).toBeGreaterThan(16_000_000);
      const seen: number[] = [];
      const second = await transfer(ssh, { ...order, onProgress: ({ bytes }) => seen.push(bytes) });
      expect(second).toMatchObject({ failure: null });
      expect(seen[0]).toBeGreaterThan(32_000_000);
      execFileSync('cmp', [join(from, name), join(to, name)]);
      expect(existsSync(join(to, 'sub/.autolab-partial'))).toBe(false);
      const { mode, mtimeMs } = statSync(join(to, name));
      expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_000_000_000_000]);
    },
  );

  test('by tar where the shell over there prints of itself', async () => {
    execFileSync('rm', ['-f', join(far.folder, 'bin/rsync')]);
    far.startUp('echo welcome\n');
    await both('tar');
  });
});
