import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, cleanEnvironment, PROGRAM } from '../support/autolab.ts';
import {
  commitAll,
  edit,
  read,
  readJson,
  runIds,
  temporaryFolder,
  treeDigest,
  until,
  write,
} from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { ALONE, approveSigned as approve, lineOf, newKey, ofAda, signedProject, SIGNERS } from '../support/signing.ts';

/** With `review: {signers}` a review counts only with an ssh signature, made and checked by the real ssh-keygen. */

vi.setConfig({ testTimeout: SLOW_MS });

const REVIEW = 'experiments/iter1/review_result.json';
const SIGNATURE = `${REVIEW}.sig`;
const ANSWER = fileURLToPath(new URL('../fixtures/answer.py', import.meta.url));

const agents: ChildProcess[] = [];

afterEach(() => {
  for (const agent of agents.splice(0)) agent.kill();
});

const LAUNCHED = ['run.completed', 'extract_results', 0];

async function launchEnds(root: string): Promise<unknown> {
  const { json } = await autolabJson(root, ['launch']);
  return [json['code'], json['stage_after'], json['stage_attempt']];
}

async function refused(root: string, words: readonly string[], env?: Record<string, string>): Promise<string> {
  const before = treeDigest(root);
  const ended = await approve(root, words, env);
  expect([ended.status, ended.json['code']], ended.stdout).toEqual([12, 'approval.cannot_sign']);
  expect(treeDigest(root)).toBe(before);
  return `${String(ended.json['message'])} ${String(ended.json['hint'])}`;
}

describe('a signed review', () => {
  it('is written with its signature, and the launch takes it', async () => {
    const key = newKey();
    const root = signedProject(`# reviewers\n\n${lineOf('ada@lab', key)}`);
    const ended = await approve(root, ofAda(key));
    expect([ended.status, ended.json['signed']], ended.stdout).toEqual([0, true]);
    expect(read(root, SIGNATURE)).toMatch(/^-----BEGIN SSH SIGNATURE-----/);
    expect(await launchEnds(root)).toEqual(LAUNCHED);
    const [run = ''] = runIds(root);
    const by = { by: 'ada@lab', author: 'Test <test@example.org>', signed: true };
    expect(manifestOf(root, run)['review']).toEqual(by);
    expect((await autolab(root, ['manifest', run, '--check'])).status).toBe(0);
  });

  it('holds whatever layout and other keys the file has, and is renewed beside an old signature', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    write(root, SIGNATURE, 'old');
    await approve(root, ofAda(key));
    expect((await approve(root, ofAda(key))).status).toBe(0);
    edit(root, REVIEW, (text) => JSON.stringify({ note: 'x', theirs: 1, ...(JSON.parse(text) as object) }));
    expect(await launchEnds(root)).toEqual(LAUNCHED);
  });

  it.each([
    [
      'the status',
      (review: Record<string, any>) => ({ ...review, status: 'pass', blocking_findings: [], reviewed_at: null }),
    ],
    ['a digest', (review: Record<string, any>) => ({ ...review, approved: { ...review['approved'], code: null } })],
    [
      'a check',
      (review: Record<string, any>) => ({
        ...review,
        required_checks: { ...review['required_checks'], tests: 'pass' },
      }),
    ],
    ['the author', (review: Record<string, any>) => ({ ...review, author: 'somebody' })],
    ['the reviewer', (review: Record<string, any>) => ({ ...review, reviewed_by: 'bob@lab' })],
  ])('does not count once %s is another one; approve mends it', async (_, change) => {
    const [key, bob] = [newKey(), newKey()];
    const root = signedProject(lineOf('ada@lab', key) + lineOf('bob@lab', bob));
    await approve(root, ofAda(key));
    write(root, REVIEW, JSON.stringify(change(readJson(root, REVIEW))));
    expect(await launchEnds(root)).toEqual(['review.bad_signature', 'implementation_review', 0]);
    expect((await approve(root, ofAda(key))).status).toBe(0);
    expect(await launchEnds(root)).toEqual(LAUNCHED);
  });

  it('a forged review, without a signature or with that of another key, is not launched', async () => {
    const [key, forger] = [newKey(), newKey()];
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    rmSync(`${root}/${SIGNATURE}`);
    expect(await launchEnds(root)).toEqual(['review.unsigned', 'implementation_review', 0]);
    // The forger's own list, that is not committed.
    edit(root, SIGNERS, (text) => text + lineOf('ada@lab', forger));
    const ended = await approve(root, ofAda(forger));
    expect([ended.status, ended.json['code']]).toEqual([10, 'review.signers']);
    expect(ended.json['hint']).toContain('git add -f');
    git(root, 'checkout', 'HEAD', '--', SIGNERS);
    expect(await refused(root, ofAda(forger))).toContain(`its key is not in ${SIGNERS}`);
  });

  it('a signature without digests, which would hold for everything, does not count', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    edit(root, REVIEW, (text) => JSON.stringify({ ...(JSON.parse(text) as object), approved: null }));
    expect(await launchEnds(root)).toEqual(['review.unsigned', 'implementation_review', 0]);
  });

  it('cannot be turned off, nor its signers changed, without a commit', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    for (const settings of ['', 'review: {signers: other}\n', 'review: {four_eyes: true}\n']) {
      write(root, '.autolab/launch.yaml', `host_mode: local\n${settings}`);
      const ended = await approve(root, ofAda(key));
      expect([ended.json['code'], ended.json['stage_after']], ended.stdout).toEqual([
        'review.signers',
        'implementation_review',
      ]);
    }
    git(root, 'checkout', 'HEAD', '--', '.autolab/launch.yaml');
    expect((await approve(root, ofAda(key))).status).toBe(0);
  });

  it.each([
    [
      'that is missing',
      (root: string) => {
        rmSync(`${root}/${SIGNERS}`);
      },
      'cannot be read',
    ],
    [
      'without a key',
      (root: string) => {
        write(root, SIGNERS, '# nobody\n');
      },
      'names no key',
    ],
    ['that is not committed', (root: string) => git(root, 'rm', '--quiet', '--cached', SIGNERS), ''],
  ])('signers in a file %s: review.signers, with the command, at the gate, too', async (_, spoil, words) => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    spoil(root);
    if (words === '') git(root, 'commit', '--quiet', '--message', 'forget it');
    const launched = await autolabJson(root, ['launch']);
    expect([launched.json['code'], launched.json['stage_after']]).toEqual(['review.signers', 'launch']);
    expect(launched.json['message']).toContain(words);
    const ended = await approve(root, ofAda(key));
    expect([ended.status, ended.json['code']]).toEqual([10, 'review.signers']);
  });

  it('signers outside of the project need no commit', async () => {
    const key = newKey();
    const folder = temporaryFolder();
    write(folder, 'signers', lineOf('ada@lab', key));
    const root = signedProject('', `{signers: ${join(folder, 'signers')}}`);
    expect((await approve(root, ofAda(key))).status).toBe(0);
    expect(await launchEnds(root)).toEqual(LAUNCHED);
  });
});

describe('signing', () => {
  it('without a key: the ways to name one', async () => {
    const root = signedProject(lineOf('ada@lab', newKey()));
    const words = await refused(root, ['--by', 'ada@lab']);
    expect(words).toContain('user.signingkey');
    expect(words).toContain('autolab approve --by WHO --key FILE');
  });

  it.each([
    ['a key that is missing', () => '/no/such/key', 'is not a key file'],
    ['a folder', () => '/', 'is not a key file'],
    ['what is no key', () => fileURLToPath(import.meta.url), 'does not sign'],
    ['a name that looks like an option', () => '-oq', 'is not a key file'],
  ])('%s', async (_, path, words) => {
    expect(await refused(signedProject(lineOf('ada@lab', newKey())), ['--by', 'ada@lab', '--key', path()])).toContain(
      words,
    );
  });

  it('a key that others can read: the chmod', async () => {
    const key = newKey();
    chmodSync(key.path, 0o644);
    expect(await refused(signedProject(lineOf('ada@lab', key)), ofAda(key))).toContain(`chmod 600 '${key.path}'`);
  });

  it('a key with a passphrase never asks, with and without a terminal, and names ssh-add', async () => {
    const key = newKey('secret words');
    const root = signedProject(lineOf('ada@lab', key));
    expect(await refused(root, ofAda(key))).toContain(`ssh-add '${key.path}'`);
    const asked = spawnSync('python3', [ANSWER, '[y/N]', 'y\n', process.execPath, PROGRAM, 'approve', ...ofAda(key)], {
      cwd: root,
      encoding: 'utf8',
      env: cleanEnvironment(ALONE),
    });
    expect([asked.status, asked.stdout.includes('ssh-add')], asked.stdout).toEqual([12, true]);
    expect(existsSync(`${root}/${REVIEW}`)).toBe(false);
  });

  it('a key of an agent, by its public half, by git, and without naming it', async () => {
    const key = newKey('secret words');
    const folder = temporaryFolder();
    const socket = join(folder, 'agent');
    agents.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }));
    await until('the agent listens', () => existsSync(socket));
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    write(folder, 'askpass', '#!/bin/sh\necho secret words\n');
    chmodSync(join(folder, 'askpass'), 0o700);
    execFileSync('ssh-add', ['-q', key.path], {
      env: { ...env, SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
      stdio: 'ignore',
    });
    const root = signedProject(lineOf('ada@lab', key));
    for (const words of [['--key', `${key.path}.pub`], ['--key', key.path], []]) {
      rmSync(`${root}/${SIGNATURE}`, { force: true });
      const ended = await approve(root, ['--by', 'ada@lab', ...words], { SSH_AUTH_SOCK: socket });
      expect([ended.status, existsSync(`${root}/${SIGNATURE}`)], ended.stdout).toEqual([0, true]);
    }
    git(root, 'config', 'user.signingkey', `key::${key.text}`);
    expect((await approve(root, ['--by', 'ada@lab'], { SSH_AUTH_SOCK: socket })).status).toBe(0);
    expect(await launchEnds(root)).toEqual(LAUNCHED);
  });

  it("git's user.signingkey, if it is a file", async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    git(root, 'config', 'user.signingkey', key.path);
    expect((await approve(root, ['--by', 'ada@lab'])).status).toBe(0);
  });

  it.each([
    ['another name than the key has', 'ada@lab', 'bob@lab', 'namespaces="autolab"', 'is that of ada@lab'],
    ['a key that has expired', 'ada@lab', 'ada@lab', 'valid-before="20200101"', 'valid-before="20200101"'],
    ['a key for another purpose', 'ada@lab', 'ada@lab', 'namespaces="git"', 'namespaces="git"'],
    ['a name that ssh-keygen could take for an option', 'ada@lab', '-f', '', 'is that of ada@lab'],
  ])('%s does not sign', async (_, principal, by, options, words) => {
    const key = newKey();
    const root = signedProject(lineOf(principal, key, options));
    expect(await refused(root, [`--by=${by}`, '--key', key.path])).toContain(words);
  });

  it('a review whose key expired since is not launched', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    write(root, SIGNERS, lineOf('ada@lab', key, 'valid-before="20200101"'));
    commitAll(root);
    expect(await launchEnds(root)).toEqual(['review.bad_signature', 'implementation_review', 0]);
  });

  it('names with a pattern count', async () => {
    const key = newKey();
    const root = signedProject(lineOf('*@lab,!eve@lab', key));
    expect((await approve(root, ofAda(key))).status).toBe(0);
    expect(await refused(root, ['--by', 'eve@lab', '--key', key.path])).toContain('*@lab');
  });

  it('without ssh-keygen: what to install', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    const bin = temporaryFolder();
    for (const name of ['bash', 'git', 'hostname', 'node', 'env', 'cat', 'sleep', 'sinfo'])
      if (spawnSync('which', [name]).status === 0)
        symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(bin, name));
    const ended = await approve(root, ofAda(key), { PATH: bin });
    expect([ended.status, ended.json['code']], ended.stdout).toEqual([10, 'review.no_ssh_keygen']);
    await approve(root, ofAda(key));
    const launched = await autolabJson(root, ['launch'], { env: { PATH: bin } });
    expect([launched.json['code'], launched.json['stage_after']]).toEqual(['review.no_ssh_keygen', 'launch']);
  });

  it('killed between its writes, it is signed by the next call', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    for (const point of ['approval.signature_written', 'write.review_result.json.renamed']) {
      write(root, 'src/new.py', `${point}\n`);
      const killed = await autolab(root, ['approve', '--yes', ...ofAda(key)], {
        env: { ...ALONE, AUTOLAB_CRASH_AT: point },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect((await approve(root, ofAda(key))).status).toBe(0);
    }
    expect(stateOf(root)).toMatchObject({ stage: 'launch' });
    expect(await launchEnds(root)).toEqual(LAUNCHED);
  });

  it('reject and an approval that needs no signature leave none behind', async () => {
    const key = newKey();
    const root = signedProject(lineOf('ada@lab', key));
    await approve(root, ofAda(key));
    await autolab(root, ['reject', '--by', 'ada', '--note', 'no']);
    expect(existsSync(`${root}/${SIGNATURE}`)).toBe(false);
  });
});
