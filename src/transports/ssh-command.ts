/** What is said to ssh. Pure. Source: ssh(1), ssh_config(5). */

export interface SshOptions {
  readonly connectTimeoutSeconds: number;
  /** Where the connection is shared. */
  readonly controlPath: string;
  /** Nobody can answer a question. */
  readonly batch: boolean;
}

/** Seconds that a connection stays after the last command. */
const PERSIST_SECONDS = 60;
/** For a shell of this host to say a mark: it connects to nobody, and only a busy host keeps it waiting. */
const MARK_SECONDS = 120;

/**
 * The options of every call. Keys, agents, jumps and host keys are the user's own, from their configuration; what would
 * let a forwarding, a terminal or a command of that configuration into a connection that only runs commands is off.
 * ERROR: a host's banner must not be taken for words of ssh.
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

/** Makes a connection that others use; ends as soon as it is there, and leaves it behind. */
export function masterArgv(options: SshOptions, destination: string): readonly string[] {
  const own = ['ControlMaster=yes', `ControlPersist=${PERSIST_SECONDS}`];
  return [...argvOf([...optionsOf(options), ...own]), '-f', '-N', '--', destination];
}

/** Without a destination: uses the connection, or makes one of its own where there is none. */
export function clientArgv(options: SshOptions): readonly string[] {
  return argvOf([...optionsOf(options), 'ControlMaster=no', 'ControlPersist=no']);
}

/**
 * Uses the connection that is there and no other: where ssh would make one of its own it says `mark` instead, and it is
 * certain that the command was not started.
 */
export function commandArgv(options: SshOptions, destination: string, line: string, mark: string): readonly string[] {
  const proxy = `ProxyCommand=/bin/sh -c 'echo ${mark} >&2'`;
  const client = clientArgv({ ...options, connectTimeoutSeconds: MARK_SECONDS });
  return [...client, '-o', proxy, '--', destination, line];
}

/** Is there somebody behind the socket? Asks nobody over there. */
export function checkArgv(options: SshOptions, destination: string): readonly string[] {
  return [...clientArgv(options), '-O', 'check', '--', destination];
}

/** ssh takes a destination that begins with `-` for an option. */
export function checkDestination(destination: string): void {
  if (destination === '' || destination.startsWith('-') || /[\s\u0000-\u001f]/.test(destination))
    throw new Error(`not a destination for ssh: ${JSON.stringify(destination)}`);
}
