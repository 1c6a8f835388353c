import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readlinkSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sshTransport, type SshTransport } from '../../src/transports/ssh.ts';
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
  const there = join(far.home, `place ${String(round)}`);
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

  test('goes on where it was cut off', async () => {
    const { here, there } = places();
    const big = join(there, 'big');
    // Incompressible or not does not matter: nothing is compressed.
    execFileSync('sh', ['-c', `head -c 300000000 /dev/urandom > '${big}'`]);
    const files = [{ path: 'big', bytes: 300_000_000 }];
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
    expect(first.failure?.lost?.kind).toBe('dropped');
    expect(statSync(join(here, '.autolab-partial/big')).size).toBeGreaterThan(0);
    expect(existsSync(join(here, 'big'))).toBe(false);
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

  test('by tar where the shell over there prints of itself', async () => {
    execFileSync('rm', [join(far.folder, 'bin/rsync')]);
    far.startUp('echo welcome\n');
    await both('tar');
  });
});
