import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localTransport } from '../../src/transports/local.ts';
import { sshTransport } from '../../src/transports/ssh.ts';
import type { Transport } from '../../src/transports/transport.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { temporaryFolder } from '../support/project.ts';

const QUICK = { timeoutMs: 60_000 };
let far: Far;
const before = { ...process.env };

function toFar(destination = 'far', setup: string | null = null): ReturnType<typeof sshTransport> {
  return sshTransport({ destination, connectTimeoutSeconds: 5, setup });
}

describeOverSsh('transports', () => {
  beforeAll(async () => {
    far = await Far.start({ banner: 'autolab-x-begin\n'.repeat(200), env: { FAR_ONLY: 'yes' } });
    far.startUp('echo welcome; echo warned >&2\n');
    Object.assign(process.env, far.near);
  });
  afterAll(() => {
    process.env = { ...before };
  });

  describe.each([
    ['local', (): Transport => localTransport('/')],
    ['ssh', (): Transport => toFar()],
  ])('the contract of %s', (_, make) => {
    let transport: Transport;
    beforeEach(() => {
      transport = make();
    });

    test('tells how a command ended, and its streams apart', async () => {
      for (const status of [0, 1, 7, 255]) {
        const program = `echo out; echo err >&2; exit ${status}`;
        const ran = await transport.run(['sh', '-c', program], QUICK);
        expect(ran).toMatchObject({ exitCode: status, stdout: 'out\n', stderr: 'err\n', timedOut: false, lost: null });
      }
    });

    test('gives every word as it is', async () => {
      const words = ['', "it's", '"', '$HOME', '`id`', '!x', 'a\nb', '-n', 'ünï', '*', '\\', 'a  b', '%s'];
      const ran = await transport.run(['printf', '[%s]', ...words], QUICK);
      expect(ran.stdout).toBe(words.map((word) => `[${word}]`).join(''));
    });

    test('brings no line break too many or too few', async () => {
      for (const text of ['', 'x', '\n', '\nx', 'x\n\n', '\nautolab-x-end 0\n'])
        expect((await transport.run(['printf', '%s', text], QUICK)).stdout).toBe(text);
    });

    test('brings bytes, and takes bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_byte, index) => (index * 7) % 256));
      const ran = await transport.runRaw(['cat'], { ...QUICK, stdin: bytes });
      expect(ran.stdout.equals(bytes)).toBe(true);
      expect((await transport.run(['cat'], QUICK)).stdout).toBe('');
    });

    test('keeps what it was told to keep of much output, and says so', async () => {
      const argv = ['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x; exit 3'];
      const whole = await transport.run(argv, { ...QUICK, maxBytes: 4_000_000 });
      expect([whole.stdout.length, whole.truncated, whole.exitCode]).toEqual([3_000_000, false, 3]);
      const part = await transport.run(argv, { ...QUICK, maxBytes: 1000 });
      expect([part.stdout.length, part.truncated, part.exitCode]).toEqual([1000, true, 3]);
    });

    test('says of a program that is not there that it is not', async () => {
      const ran = await transport.run(['no-such-program-anywhere', 'x'], QUICK);
      expect(ran).toMatchObject({ spawnError: 'ENOENT', exitCode: null, timedOut: false, lost: null });
    });

    test('says of words that are too long for a program, and of what may not be run, that it is so', async () => {
      const long = await transport.run(['true', 'x'.repeat(200_000)], QUICK);
      expect(long).toMatchObject({ spawnError: 'E2BIG', exitCode: null, timedOut: false, lost: null });
      expect(await transport.run(['/etc/passwd'], QUICK)).toMatchObject({ spawnError: 'EACCES', exitCode: null });
      expect(await transport.run(['pwd'], { ...QUICK, cwd: '/no/such' })).toMatchObject({ spawnError: 'ENOENT' });
    });

    test('starts programs, not what a shell has of the same name', async () => {
      expect((await transport.run(['echo', '-e', 'a\\nb'], QUICK)).stdout).toBe('a\nb\n');
      for (const name of ['if', 'A=b', 'export'])
        expect((await transport.run([name], QUICK)).spawnError).toBe('ENOENT');
    });

    test('changes the environment', async () => {
      process.env['SQUEUE_STATES'] = 'local';
      const change = { drop: ['FAR_', 'SQUEUE_'], keep: ['FAR_KEPT'], set: { LC_ALL: 'C', WITH: "quote ' and\nline" } };
      const program = 'printf "%s|%s|%s" "${FAR_ONLY-gone}" "${SQUEUE_STATES-gone}" "$WITH"';
      const ran = await transport.run(['sh', '-c', program], { ...QUICK, environment: change });
      delete process.env['SQUEUE_STATES'];
      expect(ran.stdout).toBe("gone|gone|quote ' and\nline");
    });

    test('runs in a folder', async () => {
      expect((await transport.run(['pwd'], { ...QUICK, cwd: '/usr' })).stdout).toBe('/usr\n');
    });

    test('gives up after its time, or when told to', async () => {
      const late = await transport.run(['sh', '-c', 'echo begun; exec sleep 60'], { timeoutMs: 6000 });
      expect(late).toMatchObject({ timedOut: true, exitCode: null, stdout: 'begun\n' });
      const control = new AbortController();
      const ran = transport.run(['sleep', '60'], { ...QUICK, signal: control.signal });
      setTimeout(() => {
        control.abort();
      }, 300);
      expect(await ran).toMatchObject({ timedOut: true, exitCode: null });
    });

    test('runs several commands, each with its own answer, environment and time', async () => {
      const change = { drop: ['FAR_', 'SQUEUE_'], keep: [], set: { LC_ALL: 'C', WITH: 'one' } };
      const all = await transport.runEach([
        { argv: ['printf', 'a b\n\nend of the parts\n'], ...QUICK },
        { argv: ['sh', '-c', 'printf %s "$WITH"; echo err >&2; exit 3'], ...QUICK, environment: change },
        { argv: ['sh', '-c', 'printf %s "${WITH-unset}"'], ...QUICK },
        { argv: ['no-such-program-anywhere'], ...QUICK },
        { argv: ['sh', '-c', 'cat; exec sleep 60'], timeoutMs: 3000 },
        { argv: ['printf', '%s', "it's"], ...QUICK },
      ]);
      expect(all.map(({ stdout, stderr, exitCode, spawnError }) => [stdout, stderr, exitCode, spawnError])).toEqual([
        ['a b\n\nend of the parts\n', '', 0, null],
        ['one', 'err\n', 3, null],
        ['unset', '', 0, null],
        ['', '', null, 'ENOENT'],
        ['', '', all[4]?.exitCode, null],
        ["it's", '', 0, null],
      ]);
      expect(all.map(({ timedOut, lost }) => [timedOut, lost])).toEqual(
        all.map((_answer, index) => [index === 4, null]),
      );
    });

    test('runs many side by side', async () => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_one, index) => transport.run(['echo', String(index)], QUICK)),
      );
      const told = all.map(({ stdout, exitCode, stderr, lost }) => ({ stdout, exitCode, stderr, lost }));
      const expected = { exitCode: 0, stderr: '', lost: null };
      expect(told).toEqual(all.map((_one, index) => ({ ...expected, stdout: `${index}\n` })));
    });
  });

  describe('over ssh', () => {
    test('is on the other host: its home, its PATH, and another temporary folder', async () => {
      const here = temporaryFolder();
      writeFileSync(join(here, 'secret'), '');
      const there = toFar();
      expect((await there.run(['sh', '-c', 'echo "$HOME"'], QUICK)).stdout).toBe(`${far.home}\n`);
      expect((await there.run(['test', '-e', join(here, 'secret')], QUICK)).exitCode).toBe(1);
    });

    test('takes one connection for many commands, and for many processes', async () => {
      await toFar().run(['true'], QUICK);
      const made = far.connections();
      await Promise.all(Array.from({ length: 20 }, () => toFar().run(['true'], QUICK)));
      expect(far.connections()).toBe(made);
    });

    test('runs the setup first, without its output', async () => {
      const there = toFar('far', 'echo loading; export TOOL=loaded');
      expect((await there.run(['sh', '-c', 'echo $TOOL'], QUICK)).stdout).toBe('loaded\n');
      expect(there.noise()).toContain('welcome');
    });

    test('keeps its control socket to the user', () => {
      const folder = realpathSync(join(far.folder, `autolab-ssh-${process.getuid?.() ?? 0}`));
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    });

    test('finds another place where the folder for sockets is too long, and refuses one of somebody else', async () => {
      const long = join(far.folder, 'x'.repeat(60));
      mkdirSync(long);
      process.env['XDG_RUNTIME_DIR'] = long;
      expect((await toFar().run(['echo', 'x'], QUICK)).stdout).toBe('x\n');
      process.env['XDG_RUNTIME_DIR'] = far.folder;
    });

    test('says that a connection broke midway, and makes another one for the next command', async () => {
      const there = toFar();
      const mark = join(far.home, 'begun');
      const running = there.run(['sh', '-c', `echo 1 > ${mark}; exec sleep 60`], QUICK);
      await expect.poll(() => (far.cutWhen(mark) ? 'cut' : 'waiting'), { timeout: 120_000 }).toBe('cut');
      expect(await running).toMatchObject({ exitCode: null, timedOut: true, lost: { kind: 'dropped', began: true } });
      expect(await there.run(['echo', 'again'], QUICK)).toMatchObject({ stdout: 'again\n', lost: null });
    });

    test('takes half the answers to several commands for none', async () => {
      const there = toFar();
      const mark = join(far.home, 'half');
      const running = there.runEach([
        { argv: ['echo', 'whole'], ...QUICK },
        { argv: ['sh', '-c', `echo 1 > ${mark}; exec sleep 60`], ...QUICK },
      ]);
      await expect.poll(() => (far.cutWhen(mark) ? 'cut' : 'waiting'), { timeout: 120_000 }).toBe('cut');
      for (const answer of await running)
        expect(answer).toMatchObject({
          stdout: '',
          exitCode: null,
          timedOut: true,
          lost: { kind: 'dropped', began: true },
        });
    });

    test('is not kept by the socket of a connection that died', async () => {
      const there = toFar();
      await there.run(['true'], QUICK);
      far.killMasters();
      expect((await toFar().run(['echo', 'again'], QUICK)).stdout).toBe('again\n');
      expect((await there.run(['echo', 'again'], QUICK)).stdout).toBe('again\n');
    });

    test('says why it does not get in', async () => {
      await far.disconnect();
      far.admit(false);
      expect((await toFar().run(['true'], QUICK)).lost).toMatchObject({ kind: 'denied', began: false });
      far.admit(true);
      far.forgetHostKey();
      expect((await toFar().run(['true'], QUICK)).lost).toMatchObject({ kind: 'host_key', began: false });
      far.trustHostKey();
      await far.closePort();
      far.changeHostKey();
      await far.openPort();
      expect((await toFar().run(['true'], QUICK)).lost).toMatchObject({ kind: 'host_key', began: false });
      far.trustHostKey();
      await far.closePort();
      expect((await toFar().run(['true'], QUICK)).lost).toMatchObject({ kind: 'unreachable', began: false });
      expect((await toFar('no-such-host.invalid').run(['true'], QUICK)).lost?.kind).toBe('unreachable');
      await far.openPort();
      expect((await toFar().run(['echo', 'in'], QUICK)).stdout).toBe('in\n');
    });

    test('does not wait for ever for a host that says nothing', async () => {
      const silent = await new Promise<Server>((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
          resolve(server);
        });
      });
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const ran = await toFar(`ssh://127.0.0.1:${port}`).run(['true'], QUICK);
      silent.close();
      expect(ran.lost).toMatchObject({ kind: 'unreachable', began: false });
    });

    test('refuses a destination that ssh would take for an option', () => {
      for (const destination of ['-oProxyCommand=id', 'a b', '', 'a\nb'])
        expect(() => toFar(destination)).toThrow('not an ssh destination');
    });
  });
});
