import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/platform/process.ts';
import { type SshTransport, sshTransport } from '../../src/transports/ssh.ts';
import { checkArgv, masterArgv } from '../../src/transports/ssh-command.ts';
import { describeOverSsh, Far, type FarOptions } from '../support/far.ts';
import { COMMAND_EVERY_MS, temporaryFolder, until } from '../support/project.ts';

/** What can go wrong between two hosts, one thing in each test. */

const QUICK = { timeoutMs: 60_000 };
const before = { ...process.env };
let far: Far;

function toFar(setup: string | null = null): SshTransport {
  return sshTransport({ destination: 'far', connectTimeoutSeconds: 5, setup });
}

/** In place of the one that all tests share. */
async function another(options: FarOptions): Promise<Far> {
  const made = await Far.start(options);
  Object.assign(process.env, made.near);
  return made;
}

function isRunning(words: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
    } catch {
      return false;
    }
  });
}

describeOverSsh('hard cases of ssh', () => {
  beforeAll(async () => {
    far = await Far.start({ banner: 'Permission denied to the unauthorized.\nHost key verification failed.\n' });
    Object.assign(process.env, far.near);
  });
  afterEach(() => {
    process.env = { ...before };
    Object.assign(process.env, far.near);
  });
  afterAll(() => {
    process.env = { ...before };
  });

  test('what the account’s shell and banner print is no part of an answer, however much it is', async () => {
    far.startUp('yes noise | head -c 300000; yes warning | head -c 300000 >&2\n');
    const there = toFar();
    const ran = await there.run(['sh', '-c', 'printf out; printf err >&2'], QUICK);
    expect(ran).toMatchObject({ stdout: 'out', stderr: 'err', exitCode: 0 });
    expect(there.noise()).toContain('noise');
    writeFileSync(join(far.home, '.bashrc'), '');
    expect(there.noise()).not.toBe('');
  });

  test('what the command says is not taken for words of ssh when the connection breaks', async () => {
    const mark = join(far.home, 'said');
    const program = `echo 'Host key verification failed.' >&2; echo > ${mark}; sleep 60`;
    const running = toFar().run(['sh', '-c', program], QUICK);
    await until('it has begun', () => existsSync(mark));
    far.cutConnections();
    expect((await running).lost).toMatchObject({ kind: 'dropped', began: true });
  });

  test.each([
    ['leaves a quote open', "echo 'open"],
    ['ends the shell', 'exit 3'],
  ])('a setup that %s is told, and nothing was started', async (_, setup) => {
    const ran = await toFar(setup).run(['touch', join(far.home, 'touched')], QUICK);
    expect(ran.lost).toMatchObject({ kind: 'no_shell', began: false });
    expect(existsSync(join(far.home, 'touched'))).toBe(false);
  });

  test('a setup takes neither the input of the command nor the rules of its shell', async () => {
    const there = toFar('cat; set -eu; IFS=x; echo "loading"; TOOL=yes; export TOOL');
    const ran = await there.run(['sh', '-c', 'cat; echo "$TOOL"; exit 4'], { ...QUICK, stdin: 'axb\n' });
    expect(ran).toMatchObject({ stdout: 'axb\nyes\n', exitCode: 4 });
    expect(there.noise()).toBe('');
    const bare = await there.run(['sh', '-c', 'echo "${TOOL-none}"'], { ...QUICK, bare: true });
    expect(bare.stdout).toBe('none\n');
  });

  test('only programs are found, and they get their words', async () => {
    const there = toFar('hostname() { echo function; }');
    for (const name of ['cd', 'if', 'A=b', '', '-x', 'export'])
      expect(await there.run([name, 'x'], QUICK)).toMatchObject({ spawnError: 'ENOENT', exitCode: null, lost: null });
    expect((await there.run(['echo', '-n', 'a\\nb'], QUICK)).stdout).toBe('a\\nb');
    expect((await there.run(['hostname'], QUICK)).stdout).not.toBe('function\n');
    expect(await there.run(['pwd'], { ...QUICK, cwd: '/no/such' })).toMatchObject({ spawnError: 'ENOENT' });
    writeFileSync(join(far.home, 'plain'), '');
    expect(await there.run([join(far.home, 'plain')], QUICK)).toMatchObject({ spawnError: 'EACCES' });
    expect(await there.run(['sh', '-c', 'exit 127'], QUICK)).toMatchObject({ exitCode: 127, spawnError: null });
    expect(await there.run(['sh', '-c', 'kill -9 $$'], QUICK)).toMatchObject({ exitCode: 137, signal: null });
  });

  test('every byte that a word can have arrives, and a word that is too long is refused as here', async () => {
    const there = toFar();
    const odd = Array.from({ length: 0x24f }, (_one, index) => String.fromCodePoint(index + 1)).join('');
    expect((await there.run(['printf', '%s', odd, '\u{1f9ea}'], QUICK)).stdout).toBe(`${odd}\u{1f9ea}`);
    const long = 'x'.repeat(60_000);
    expect((await there.run(['printf', '%s', long], QUICK)).stdout).toBe(long);
    expect((await there.run(['true', 'x'.repeat(200_000)], QUICK)).spawnError).toBe('E2BIG');
    await expect(there.run(['true', 'a\0b'], QUICK)).rejects.toThrow('NUL');
  });

  test('a child in the background does not keep the answer, nor what it prints get into it', async () => {
    const program = '(sleep 1.2; echo late; sleep 133) & echo done';
    const ran = await toFar().run(['sh', '-c', program], QUICK);
    expect(ran).toMatchObject({ stdout: 'done\n', exitCode: 0, timedOut: false });
    expect(ran.durationMs).toBeLessThan(60_000);
  });

  test('a command that nobody waits for is ended over there', async () => {
    const ran = await toFar().run(['sleep', '4711.5'], { timeoutMs: 6000 });
    expect(ran).toMatchObject({ timedOut: true });
    await until('it has ended', () => !isRunning('sleep 4711.5'));
  });

  test('more commands than a connection has sessions wait for one another', async () => {
    const narrow = await another({ sshd: ['MaxSessions 2', 'MaxStartups 2:100:2'] });
    const there = toFar();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_one, index) => there.run(['echo', String(index)], QUICK)),
    );
    const wrong = all.filter(({ stdout, lost }, index) => lost !== null || stdout !== `${index}\n`);
    // Seen twice in a thousand, and not made to happen: ssh ended well and had brought nothing. Then nobody knows, and that is told.
    for (const { lost } of wrong) expect(lost).toEqual({ kind: 'dropped', words: 'its answer was lost', began: true });
    expect(wrong.length).toBeLessThan(2);
    expect(narrow.connections()).toBe(1);
  });

  test('a shell of this host that starts slowly does not make a refused session a broken connection', async () => {
    const slow = join(temporaryFolder(), 'shell');
    writeFileSync(slow, '#!/bin/sh\nsleep 6\nexec /bin/sh "$@"\n', { mode: 0o755 });
    await another({ sshd: ['MaxSessions 1'] });
    process.env['SHELL'] = slow;
    const there = toFar();
    const all = await Promise.all([1, 2].map(() => there.run(['sleep', '2'], QUICK)));
    expect(all.map(({ exitCode, lost }) => ({ exitCode, lost }))).toEqual(Array(2).fill({ exitCode: 0, lost: null }));
  });

  test('a shell over there that gets nothing to run is asked again, a few times', async () => {
    const there = await another({});
    const tool = join(there.home, 'bin/base64');
    mkdirSync(join(there.home, 'bin'));
    writeFileSync(tool, '#!/bin/sh\n[ -e "$HOME/asked" ] && exec /usr/bin/base64 "$@"\n: >"$HOME/asked"\n', {
      mode: 0o755,
    });
    there.startUp('PATH=$HOME/bin:$PATH\n');
    expect(await toFar().run(['echo', 'x'], QUICK)).toMatchObject({ stdout: 'x\n', exitCode: 0, lost: null });
    expect(existsSync(join(there.home, 'asked'))).toBe(true);
    writeFileSync(tool, '#!/bin/sh\n', { mode: 0o755 });
    expect((await toFar().run(['echo', 'x'], QUICK)).lost).toMatchObject({ kind: 'unreachable', began: false });
  });

  test('a host that has no session for us is asked again until the time is over', async () => {
    const full = await another({ sshd: ['MaxSessions 0'] });
    const ran = await toFar().run(['true'], { timeoutMs: 14_000 });
    expect(ran.lost).toEqual({ kind: 'unreachable', words: 'no connection within 14 s', began: false });
    expect(full.connections()).toBeLessThanOrEqual(2);
  });

  test('20 commands at the first moment, of one process and of many, leave no connection behind', async () => {
    const fresh = await another({});
    const there = toFar();
    await Promise.all(Array.from({ length: 20 }, () => there.run(['true'], QUICK)));
    expect(fresh.connections()).toBe(1);
    const others = await another({});
    const all = await Promise.all(Array.from({ length: 8 }, () => toFar().run(['echo', 'x'], QUICK)));
    expect(all.map((ran) => ran.stdout)).toEqual(Array(8).fill('x\n'));
    // One of them is the common one from now on.
    const made = others.connections();
    await Promise.all(Array.from({ length: 5 }, () => toFar().run(['true'], QUICK)));
    expect(others.connections()).toBe(made);
  });

  test('a command is known not to have begun where the connection was gone and the host is', async () => {
    const gone = await another({});
    const there = toFar();
    await there.run(['true'], QUICK);
    await gone.closePort();
    await gone.disconnect();
    expect((await there.run(['true'], QUICK)).lost).toMatchObject({ kind: 'unreachable', began: false });
    await gone.openPort();
    expect((await there.run(['echo', 'back'], QUICK)).stdout).toBe('back\n');
  });

  test('a connection over which nothing comes any more holds up one command only', async () => {
    const frozen = await another({});
    const there = toFar();
    await there.run(['true'], QUICK);
    frozen.signalConnections('SIGSTOP');
    expect(await there.run(['true'], { timeoutMs: 6000 })).toMatchObject({
      timedOut: true,
      lost: { kind: 'dropped', began: true },
    });
    expect((await there.run(['echo', 'another'], QUICK)).stdout).toBe('another\n');
    expect((await toFar().run(['echo', 'others too'], QUICK)).stdout).toBe('others too\n');
    frozen.signalConnections('SIGCONT');
  });

  test('what breaks under one of two commands is told of both, and made anew once', async () => {
    const cut = await another({});
    const there = toFar();
    const marks = ['one', 'two'].map((name) => join(cut.home, name));
    const running = marks.map((mark) => there.run(['sh', '-c', `echo > ${mark}; sleep 60`], QUICK));
    await until('both have begun', () => marks.every((mark) => existsSync(mark)));
    cut.cutConnections();
    for (const ran of await Promise.all(running)) expect(ran.lost).toMatchObject({ kind: 'dropped', began: true });
    const made = cut.connections();
    await Promise.all([there.run(['true'], QUICK), there.run(['true'], QUICK)]);
    expect(cut.connections()).toBe(made + 1);
  });

  test('an abort ends the waiting for a connection, too', async () => {
    const silent = await another({});
    silent.signalServer('SIGSTOP');
    const control = new AbortController();
    const running = toFar().run(['true'], { timeoutMs: 60_000, signal: control.signal });
    control.abort();
    const ran = await running;
    silent.signalServer('SIGCONT');
    expect(ran).toMatchObject({ timedOut: true, lost: { kind: 'unreachable', began: false } });
  });

  test.each(['/bin/tcsh', '/bin/dash'])('a login shell %s is as good as any', async (shell) => {
    await another({ shell });
    const there = toFar();
    const words = ["it's", '!x', '$HOME', 'a\nb', '*', '`id`', '"', 'x'.repeat(20_000)];
    const ran = await there.run(['printf', '[%s]', ...words], QUICK);
    expect(ran.stdout).toBe(words.map((word) => `[${word}]`).join(''));
    expect(await there.run(['sh', '-c', 'exit 255'], QUICK)).toMatchObject({ exitCode: 255, lost: null });
  });

  test('an account that may not log in is told', async () => {
    await another({ shell: '/usr/sbin/nologin' });
    const ran = await toFar().run(['true'], QUICK);
    expect(ran.lost).toMatchObject({ kind: 'no_shell', began: false });
    expect(ran.stderr).toContain('not available');
  });

  test('the folder for sockets is never one that a symbolic link or somebody else put there', async () => {
    const place = temporaryFolder();
    const elsewhere = temporaryFolder();
    const uid = String(process.getuid?.() ?? 0);
    symlinkSync(elsewhere, join(place, `autolab-ssh-${uid}`));
    process.env['XDG_RUNTIME_DIR'] = place;
    expect((await toFar().run(['echo', 'x'], QUICK)).stdout).toBe('x\n');
    expect(readdirSync(elsewhere)).toEqual([]);
    const spaced = join(temporaryFolder(), 'a "b %C');
    mkdirSync(spaced);
    process.env['XDG_RUNTIME_DIR'] = spaced;
    expect((await toFar().run(['echo', 'x'], QUICK)).stdout).toBe('x\n');
    const open = temporaryFolder();
    mkdirSync(join(open, `autolab-ssh-${uid}`), { mode: 0o777 });
    process.env['XDG_RUNTIME_DIR'] = open;
    expect((await toFar().run(['echo', 'x'], QUICK)).stdout).toBe('x\n');
    expect(lstatSync(join(open, `autolab-ssh-${uid}`)).mode & 0o777).toBe(0o700);
  });

  test('a terminal, forwardings and commands of the user’s configuration are kept out', async () => {
    const config = join(far.folder, 'ssh_config');
    const text = readFileSync(config, 'utf8');
    const lines = ['RemoteCommand echo mine', 'RequestTTY force', 'PermitLocalCommand yes', 'LocalCommand echo local'];
    const forward = `LocalForward 127.0.0.1:${far.port} 127.0.0.1:1`;
    const all = [...lines, forward, 'ExitOnForwardFailure yes', 'LogLevel DEBUG', 'ControlMaster auto'];
    writeFileSync(config, `${text}${all.map((line) => `  ${line}\n`).join('')}`);
    far.killMasters();
    const ran = await toFar().run(['sh', '-c', 'test -t 0 || echo no terminal'], QUICK);
    writeFileSync(config, text);
    expect(ran).toMatchObject({ stdout: 'no terminal\n', stderr: '', lost: null });
  });

  test('a connection is left behind by its maker, and ends by itself', async () => {
    const socket = join(far.folder, 'idle');
    const options = { connectTimeoutSeconds: 5, controlPath: socket, batch: true };
    const argv = masterArgv(options, 'far').map((word) => word.replace('ControlPersist=60', 'ControlPersist=8'));
    expect(await run(argv, QUICK)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await run(checkArgv({ ...options }, 'far'), QUICK)).exitCode).toBe(0);
    await until('it has ended', () => !isRunning(`ControlPath=${socket}`));
  });

  test('nothing else is left behind', async () => {
    const left = (): readonly string[] =>
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.startsWith('/usr/bin/ssh ') && line.includes(`${far.folder}/`))
        .filter((line) => !line.includes('ControlPersist=60'));
    // What was killed may still be on its way out.
    await until('no other process is there', () => left().length === 0, 30_000, COMMAND_EVERY_MS);
  });
});
