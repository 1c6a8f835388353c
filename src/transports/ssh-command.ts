import type { EnvironmentChange } from '../platform/environment.ts';
import { quotePosix } from '../platform/quoting.ts';
import { beginMark, endMark } from './fence.ts';
import type { Lost } from './transport.ts';

/** What is said to ssh, and what its words mean. Pure. Source: ssh(1), ssh_config(5). */

export interface FarCommand {
  readonly argv: readonly string[];
  readonly mark: string;
  /** Shell commands to run before: what they print is cut off. */
  readonly setup: string | null;
  readonly environment: EnvironmentChange | null;
  readonly cwd: string | null;
}

/** In place of an exit status: the program is not there. */
export const MISSING = 'missing';

/**
 * One line for whatever shell the account has over there (bash, csh, fish …): it starts a POSIX shell, and gives it the
 * program in an alphabet that no shell takes for its own.
 */
export function farCommandLine(command: FarCommand): string {
  const program = Buffer.from(farProgram(command), 'utf8').toString('base64');
  return `exec /bin/sh -c 'eval "$(printf %s ${program} | base64 -d)"'`;
}

function farProgram({ argv, mark, setup, environment, cwd }: FarCommand): string {
  const [command = ''] = argv;
  const words = argv.map(quotePosix).join(' ');
  return `${setup ?? ''}
autolab_mark() { printf '\\n%s\\n' "$1"; printf '\\n%s\\n' "$1" >&2; }
autolab_mark ${beginMark(mark)}
${environment === null ? '' : environmentProgram(environment)}
if ${cwd === null ? ':' : `cd -- ${quotePosix(cwd)}`} && command -v ${quotePosix(command)} >/dev/null 2>&1; then
  ( unset -f autolab_mark; ${words} )
  autolab_mark "${endMark(mark)} $?"
else
  autolab_mark "${endMark(mark)} ${MISSING}"
fi
`;
}

function environmentProgram({ drop, keep, set }: EnvironmentChange): string {
  const drops = drop.map((prefix) => `${prefix}*`).join(' | ');
  const keeps = keep.length === 0 ? '' : `${keep.join(' | ')}) ;; `;
  const exports = Object.entries(set).map(([name, value]) => `export ${name}=${quotePosix(value)}`);
  const removal =
    drop.length === 0
      ? []
      : [
          `for autolab_name in $(awk 'BEGIN { for (name in ENVIRON) print name }'); do
  case $autolab_name in ${keeps}${drops}) unset "$autolab_name" 2>/dev/null ;; esac
done`,
        ];
  return [...removal, ...exports].join('\n');
}

export interface SshOptions {
  readonly connectTimeoutSeconds: number;
  /** Where the connection is shared. */
  readonly controlPath: string;
  /** Nobody can answer a question. */
  readonly batch: boolean;
}

/**
 * The options of every call. Keys, agents, jumps and host keys are the user's own, from their configuration; what would
 * let a forwarding, a terminal or a command of that configuration into a connection that only runs commands is off.
 */
export function sshOptions({ connectTimeoutSeconds, controlPath, batch }: SshOptions): readonly string[] {
  const options: readonly (readonly [string, string])[] = [
    ['BatchMode', batch ? 'yes' : 'no'],
    ['ControlMaster', 'auto'],
    ['ControlPath', controlPath],
    ['ControlPersist', '60'],
    ['ConnectTimeout', String(connectTimeoutSeconds)],
    ['ServerAliveInterval', '15'],
    ['ServerAliveCountMax', '3'],
    ['ClearAllForwardings', 'yes'],
    ['ForwardX11', 'no'],
    ['ForwardAgent', 'no'],
    ['PermitLocalCommand', 'no'],
    ['RemoteCommand', 'none'],
    ['RequestTTY', 'no'],
  ];
  return ['-T', ...options.flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** ssh takes a destination that begins with `-` for an option. */
export function checkDestination(destination: string): void {
  if (destination === '' || destination.startsWith('-') || /[\s\u0000-\u001f]/.test(destination))
    throw new Error(`not a destination for ssh: ${JSON.stringify(destination)}`);
}

/** What ssh said where there was no answer of the command. */
export function judgeLost(stderr: string, began: boolean, exitCode: number | null): Lost {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(Warning|debug\d)/.test(line));
  const find = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  const changed = find(/REMOTE HOST IDENTIFICATION HAS CHANGED/);
  if (changed !== undefined) return { kind: 'host_key', words: 'the host key is not the one that is known', began };
  const key = find(/Host key verification failed|No \S+ host key is known|HOST IDENTIFICATION/);
  if (key !== undefined) return { kind: 'host_key', words: key, began };
  const denied = find(/Permission denied|Too many authentication failures|no more authentication methods/i);
  if (denied !== undefined && !began) return { kind: 'denied', words: denied, began };
  const unreachable = find(
    /Could not resolve|Connection refused|timed out|No route to host|Network is unreachable|Connection closed by|kex_exchange|Connection reset|banner exchange/i,
  );
  if (unreachable !== undefined && !began) return { kind: 'unreachable', words: unreachable, began };
  const last = lines.at(-1);
  if (began) return { kind: 'dropped', words: unreachable ?? last ?? 'the connection broke', began };
  if (exitCode !== null && exitCode !== 255)
    return {
      kind: 'no_shell',
      words: `the shell over there ended with exit status ${String(exitCode)} before it ran anything${last === undefined ? '' : `: ${last}`}`,
      began,
    };
  return { kind: 'unreachable', words: last ?? 'ssh did not get through', began };
}
