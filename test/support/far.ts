import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, inject } from 'vitest';
import { type ReservedPort, reservePort } from './ports.ts';
import { until } from './project.ts';

/**
 * Another host, as far as one machine can be two: a real sshd on loopback, with a home, a PATH and a mount namespace of its
 * own, in which the temporary folder (and with it every project of the tests) is another one.
 */

declare module 'vitest' {
  interface ProvidedContext {
    /** Of scripts/lib/ssh/for-tests.mjs: why there can be no sshd. */
    readonly ssh: { readonly reason: string | null };
  }
}

/** In place of `describe`: skipped where no sshd can be started, which the run says loudly. */
export const describeOverSsh = describe.skipIf(inject('ssh').reason !== null);

export interface FarOptions {
  /** Set for every command over there. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of the temporary folder that are seen over there, too. */
  readonly shared?: readonly string[];
  /** Printed by sshd before a login. */
  readonly banner?: string;
  /** The account's login shell, by its path. */
  readonly shell?: string;
  /** More lines of sshd's configuration. */
  readonly sshd?: readonly string[];
}

export class Far {
  readonly folder: string;
  /** The account's home over there. */
  readonly home: string;
  readonly destination = 'far';
  readonly port: number;
  private readonly reserved: ReservedPort;
  private readonly options: FarOptions;
  private server: ChildProcess | null = null;

  private constructor(folder: string, reserved: ReservedPort, options: FarOptions) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.port = reserved.port;
    this.reserved = reserved;
    this.options = options;
  }

  static async start(options: FarOptions = {}): Promise<Far> {
    const far = new Far(mkdtempSync(join(tmpdir(), 'autolab-far-')), await reservePort(), options);
    started.push(far);
    for (const name of ['home', 'near', 'bin']) mkdirSync(join(far.folder, name));
    key(join(far.folder, 'host_key'));
    key(join(far.folder, 'user_key'));
    writeFileSync(join(far.folder, 'authorized_keys'), readFileSync(join(far.folder, 'user_key.pub')));
    far.trustHostKey();
    const config = [
      `Host far`,
      '  HostName 127.0.0.1',
      `  Port ${far.port}`,
      `  User ${execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()}`,
      `  IdentityFile ${join(far.folder, 'user_key')}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${join(far.folder, 'known_hosts')}`,
      '  GlobalKnownHostsFile /dev/null',
      '',
    ];
    writeFileSync(join(far.folder, 'ssh_config'), config.join('\n'));
    // OpenSSH finds its configuration by the password database, not by HOME.
    const wrapper = `#!/bin/sh\nexec ${which('ssh')} -F '${join(far.folder, 'ssh_config')}' "$@"\n`;
    writeFileSync(join(far.folder, 'near', 'ssh'), wrapper, { mode: 0o755 });
    far.configure();
    await far.openPort();
    return far;
  }

  /** For autolab on this side. */
  get near(): Readonly<Record<string, string>> {
    return {
      PATH: `${join(this.folder, 'near')}:${process.env['PATH'] ?? ''}`,
      XDG_RUNTIME_DIR: this.folder,
    };
  }

  private configure(): void {
    const { env = {}, banner, shell, sshd = [] } = this.options;
    const path = `${join(this.folder, 'bin')}:/usr/local/bin:/usr/bin:/bin`;
    const variables = Object.entries({ HOME: this.home, PATH: path, ...env }).map(
      ([name, value]) => `"${name}=${value}"`,
    );
    const lines = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(this.folder, 'host_key')}`,
      `PidFile ${join(this.folder, 'sshd.pid')}`,
      `AuthorizedKeysFile ${join(this.folder, 'authorized_keys')}`,
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'LogLevel VERBOSE',
      `SetEnv ${variables.join(' ')}`,
      ...sshd,
    ];
    if (shell !== undefined) {
      const login = join(this.folder, 'login');
      writeFileSync(login, `#!/bin/sh\nexec ${shell} -c "$SSH_ORIGINAL_COMMAND"\n`, { mode: 0o755 });
      lines.push(`ForceCommand ${login}`);
    }
    if (banner !== undefined) {
      writeFileSync(join(this.folder, 'banner'), banner);
      lines.push(`Banner ${join(this.folder, 'banner')}`);
    }
    writeFileSync(join(this.folder, 'sshd_config'), `${lines.join('\n')}\n`);
  }

  /** Starts sshd where it does not run. */
  async openPort(): Promise<void> {
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const sshd = `exec ${which('sshd')} -D -E '${join(this.folder, 'sshd.log')}' -f '${join(this.folder, 'sshd_config')}'`;
    const shared = [this.folder, ...(this.options.shared ?? [])];
    // Other mounts of a folder live on while the temporary folder is covered.
    const keep = (index: number): string => `/run/autolab-far-${this.port}-${index}`;
    const before = shared.map(
      (folder, index) => `mkdir -p '${keep(index)}' && mount --rbind '${folder}' '${keep(index)}'`,
    );
    const after = shared.map((folder, index) => `mkdir -p '${folder}' && mount --rbind '${keep(index)}' '${folder}'`);
    const hide = [...before, `mount -t tmpfs tmpfs '${tmpdir()}'`, ...after];
    const argv = canUnshare()
      ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${hide.join(' && ')} && ${sshd}`]
      : ['sh', '-c', sshd];
    const [command = '', ...words] = argv;
    const server = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let complaint = '';
    server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint += chunk;
    });
    this.server = server;
    await until(`sshd listens (${complaint})`, () => {
      if (server.exitCode !== null) throw new Error(`sshd ended: ${complaint}${this.log()}`);
      return existsSync(join(this.folder, 'sshd.pid'));
    });
  }

  /** No new connection; those that are there stay. */
  async closePort(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    // Connections outlive it; they are found by it now.
    this.sessions();
    this.server = null;
    if (server.exitCode === null && server.signalCode === null) {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await gone;
    }
    rmSync(join(this.folder, 'sshd.pid'), { force: true });
  }

  /** Breaks every connection there is, without a word. */
  cutConnections(): number {
    return this.signalConnections('SIGKILL');
  }

  /** SIGSTOP: nothing comes through any more, and nobody is told. */
  signalConnections(signal: NodeJS.Signals): number {
    const pids = this.sessions();
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // Gone already.
      }
    }
    return pids.length;
  }

  /** SIGSTOP: the port is open, and nobody answers. */
  signalServer(signal: NodeJS.Signals): void {
    this.server?.kill(signal);
  }

  /** Cuts them as soon as a file is there; false before. */
  cutWhen(path: string): boolean {
    return existsSync(path) && this.cutConnections() > 0;
  }

  /** Ends the processes on this side that hold a connection, as a crash would. */
  killMasters(): void {
    for (const pid of this.masters()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }

  /** No connection is left: a process on this side that holds one may hear of its end only after the next command. */
  async disconnect(): Promise<void> {
    this.cutConnections();
    this.killMasters();
    await until('nobody on this side holds a connection', () => this.masters().length === 0);
  }

  private masters(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
          return line.includes('ControlMaster=yes') && line.includes(this.folder);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /** Processes of sshd for connections; not the one that listens. */
  private sessions(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== this.server?.pid)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sshd: ') && this.isOurs(Number(pid));
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  private isOurs(pid: number): boolean {
    for (let at = pid; at > 1;) {
      if (at === this.server?.pid || this.known.has(at)) {
        this.known.add(pid);
        return true;
      }
      const parent = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${at}/stat`, 'utf8'))?.[1];
      at = Number(parent ?? 0);
    }
    return false;
  }

  private readonly known = new Set<number>();

  changeHostKey(): void {
    for (const name of ['host_key', 'host_key.pub']) rmSync(join(this.folder, name));
    key(join(this.folder, 'host_key'));
  }

  trustHostKey(): void {
    const [type = '', value = ''] = readFileSync(join(this.folder, 'host_key.pub'), 'utf8').split(' ');
    writeFileSync(join(this.folder, 'known_hosts'), `[127.0.0.1]:${this.port} ${type} ${value}\n`);
  }

  forgetHostKey(): void {
    writeFileSync(join(this.folder, 'known_hosts'), '');
  }

  /** From now on each start of ssh on this side is written down. Returns those so far: its words, the program in clear. */
  countCalls(): () => readonly string[] {
    const [wrapper, calls] = [join(this.folder, 'near', 'ssh'), join(this.folder, 'calls')];
    const [first = '', ...rest] = readFileSync(wrapper, 'utf8').split('\n');
    writeFileSync(wrapper, [first, `printf '%s\\0' "$*" >> '${calls}'`, ...rest].join('\n'));
    return () =>
      (existsSync(calls) ? readFileSync(calls, 'utf8') : '')
        .split('\0')
        .filter((words) => words !== '' && !words.includes('-O check'))
        .map((words) => {
          const [, program = ''] = /printf %s ([A-Za-z0-9+/=]+) \|/.exec(words) ?? [];
          return program === '' ? words : Buffer.from(program, 'base64').toString('utf8');
        });
  }

  /** Nobody gets in any more; or again. */
  admit(yes: boolean): void {
    const path = join(this.folder, 'authorized_keys');
    writeFileSync(path, yes ? readFileSync(join(this.folder, 'user_key.pub')) : '');
  }

  /** In place of a program over there. */
  program(name: string, text: string): void {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }

  /** Printed by the account's start-up file at every command. */
  startUp(text: string): void {
    appendFileSync(join(this.home, '.bashrc'), text);
  }

  /** How many connections were accepted so far. */
  connections(): number {
    return this.log()
      .split('\n')
      .filter((line) => line.startsWith('Connection from ')).length;
  }

  log(): string {
    const path = join(this.folder, 'sshd.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async stop(): Promise<void> {
    this.cutConnections();
    await this.closePort();
    this.reserved.release();
    await rm(this.folder, { recursive: true, force: true });
    for (const name of readdirSync('/run'))
      if (name.startsWith(`autolab-far-${this.port}-`)) rmdirSync(join('/run', name));
  }
}

const started: Far[] = [];

afterAll(async () => {
  for (const far of started.splice(0)) await far.stop();
});

function key(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
}

function which(program: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${program} is not installed`);
  return found;
}

let unshares: boolean | null = null;

function canUnshare(): boolean {
  if (unshares !== null) return unshares;
  try {
    execFileSync('unshare', ['--mount', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    unshares = true;
  } catch {
    unshares = false;
  }
  return unshares;
}
