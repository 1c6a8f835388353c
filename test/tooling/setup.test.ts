import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProgram } from '../support/autolab.ts';
import { temporaryFolder } from '../support/project.ts';
import { smallCheckout, writeInto } from './small-checkout.ts';

/** All that a base installation lacks here, each with its package. */
const MISSING = {
  git: 'git',
  bash: 'bash',
  dash: 'dash',
  sha256sum: 'coreutils',
  openssl: 'openssl',
  script: 'bsdutils',
  strace: 'strace',
};

const isRoot = process.getuid?.() === 0;

/** A machine on which only `ps` and `setsid` are installed, and an apt-get that installs empty programs. */
function bareMachine({ apt }: { readonly apt: boolean }): { readonly PATH: string; readonly calls: string } {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls');
  mkdirSync(bin);
  for (const name of ['ps', 'setsid']) symlinkSync('/bin/true', join(bin, name));
  const install = Object.keys(MISSING)
    .map((name) => `/bin/ln -s /bin/true ${join(bin, name)}`)
    .join('\n');
  if (apt) {
    writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\necho "$*" >> ${calls}\n${install}\n`, { mode: 0o755 });
  }
  return { PATH: bin, calls };
}

let root = '';

beforeEach(() => {
  root = smallCheckout();
  writeInto(root, 'src/one.test.ts', `import { it } from 'vitest'; it('is one', () => {});`);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

async function script(words: readonly string[], env: Readonly<Record<string, string>>) {
  return startProgram([process.execPath, ...words], root, { env }).ended;
}

const TEST = ['scripts/test.mjs', 'src/one.test.ts'];

describe('npm test on a machine that lacks commands', () => {
  it.runIf(isRoot)('says what is missing, what it runs and how to skip that, and then does it', async () => {
    const { PATH, calls } = bareMachine({ apt: true });
    const { stdout } = await script(TEST, { PATH });
    const [first, second] = stdout.split('\n');
    expect(first).toBe(
      'Missing: git, bash, dash, sha256sum, openssl, script, strace. Running `npm run setup -- base` (set AUTOLAB_NO_SETUP=1 to skip it).',
    );
    expect(second).toBe('apt-get install git bash dash coreutils openssl bsdutils strace');
    expect(readFileSync(calls, 'utf8')).toMatch(/^install -y .* git bash dash coreutils openssl bsdutils strace\n$/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  });

  it('installs nothing where it is told not to', async () => {
    const { PATH } = bareMachine({ apt: false });
    const { stdout, status } = await script(TEST, { PATH, AUTOLAB_NO_SETUP: '1' });
    expect(stdout).toMatch(/^Missing: git, .*AUTOLAB_NO_SETUP is set.* npm run setup -- base\n/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
    expect(status).toBe(1);
  });
});

describe('npm run setup', () => {
  it('names the packages where it cannot install them', async () => {
    const { PATH } = bareMachine({ apt: false });
    const { stderr, status } = await script(['scripts/setup.mjs', 'base'], { PATH });
    expect(stderr).toBe(
      'setup: These commands are missing: git, bash, dash, sha256sum, openssl, script, strace. As root on Debian: npm run setup -- base (apt-get install git bash dash coreutils openssl bsdutils strace)\n',
    );
    expect(status).toBe(1);
  });

  it('says that nothing is missing, and knows its groups', async () => {
    expect(await script(['scripts/setup.mjs', 'base'], {})).toMatchObject({
      status: 0,
      stdout: 'Nothing is missing for: base.\n',
    });
    expect(await script(['scripts/setup.mjs', 'moon'], {})).toMatchObject({ status: 2, stdout: '' });
  });
});
