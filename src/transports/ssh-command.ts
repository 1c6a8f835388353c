/** The arguments of ssh. Pure. Source: ssh(1), ssh_config(5). */

export interface SshOptions {
  readonly connectTimeoutSeconds: number;
  /** The control socket of the shared connection. */
  readonly controlPath: string;
  /** No user can answer a question. */
  readonly batch: boolean;
}

/** Seconds that a connection stays open after the last command. */
const PERSIST_SECONDS = 60;
/** The time for a shell of this host to print a mark: it makes no connection, and only a busy host delays it. */
const MARK_SECONDS = 120;

/**
 * The options of every call. Keys, agents, jumps and host keys come from the user's configuration; forwardings,
 * terminals and commands of that configuration are switched off, because the connection only runs commands. LogLevel
 * ERROR: a host's banner must not look like a message of ssh.
 */
function optionsOf({ connectTimeoutSeconds, controlPath, batch }: SshOptions): readonly string[] {
  return [
    `LogLevel=ERROR`,
    `BatchMode=${batch ? 'yes' : 'no'}`,
    `ControlPath=${controlPath}`,
    `ConnectTimeout=${connectTimeoutSeconds}`,
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'ClearAllForwardings=yes',
    'ForwardX11=no',
    'ForwardAgent=no',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'RequestTTY=no',
  ];
}

function argvOf(options: readonly string[]): readonly string[] {
  return ['ssh', '-T', ...options.flatMap((option) => ['-o', option])];
}

/** Makes a connection that others can use: ssh exits once it is open, and leaves it in the background. */
export function masterArgv(options: SshOptions, destination: string): readonly string[] {
  const own = ['ControlMaster=yes', `ControlPersist=${PERSIST_SECONDS}`];
  return [...argvOf([...optionsOf(options), ...own]), '-f', '-N', '--', destination];
}

/** Without a destination: uses the shared connection, or makes its own if there is none. */
export function clientArgv(options: SshOptions): readonly string[] {
  return argvOf([...optionsOf(options), 'ControlMaster=no', 'ControlPersist=no']);
}

/**
 * Uses the shared connection and no other: instead of making its own, ssh prints `mark`; then the command was certainly
 * not started.
 */
export function commandArgv(options: SshOptions, destination: string, line: string, mark: string): readonly string[] {
  const proxy = `ProxyCommand=/bin/sh -c 'echo ${mark} >&2'`;
  const client = clientArgv({ ...options, connectTimeoutSeconds: MARK_SECONDS });
  return [...client, '-o', proxy, '--', destination, line];
}

/** Checks that a process listens on the socket. Sends nothing to the remote host. */
export function checkArgv(options: SshOptions, destination: string): readonly string[] {
  return [...clientArgv(options), '-O', 'check', '--', destination];
}

/** ssh takes a destination that begins with `-` for an option. */
export function checkDestination(destination: string): void {
  if (destination === '' || destination.startsWith('-') || /[\s\u0000-\u001f]/.test(destination))
    throw new Error(`not an ssh destination: ${JSON.stringify(destination)}`);
}
