import { run } from '../platform/process.ts';

/**
 * The environment of a shell of this host after `setup` (`module load slurm`), in which Slurm's commands are run. The
 * shell is started once per process, not once per command.
 */
export type SetupShell =
  | {
      readonly kind: 'ready';
      readonly env: NodeJS.ProcessEnv;
      /** Exit status of the last command of the setup. */
      readonly status: number;
      /** The last line of its output; null if it printed nothing. */
      readonly words: string | null;
    }
  | { readonly kind: 'failed'; readonly words: string };

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 4 * 1024 * 1024;

// The setup gets no input, and its output is not part of the answer. If the setup ends the shell, there is no answer.
const PROGRAM = `
autolab_env=$(command -v env) || exit 1
exec 3>&1 1>&2
eval "$1" </dev/null
autolab_status=$?
set +eux
unset IFS
printf 'autolab_setup_status=%s\\0' "$autolab_status" >&3
exec "$autolab_env" -0 >&3
`;

const shells = new Map<string, Promise<SetupShell>>();

export function environmentAfter(setup: string, cwd: string): Promise<SetupShell> {
  const key = `${cwd}\0${setup}`;
  const known = shells.get(key);
  if (known !== undefined) return known;
  const made = prepare(setup, cwd);
  shells.set(key, made);
  return made;
}

async function prepare(setup: string, cwd: string): Promise<SetupShell> {
  const result = await run(['bash', '-c', PROGRAM, 'bash', setup], {
    cwd,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MOST_BYTES,
  });
  const words = result.stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
  if (result.timedOut) return { kind: 'failed', words: `it did not end within ${TIMEOUT_MS / 1000} s` };
  if (result.spawnError !== null) return { kind: 'failed', words: `bash could not be started (${result.spawnError})` };
  const [status = '', ...variables] = result.stdout.split('\0');
  const ended = /^autolab_setup_status=(\d+)$/.exec(status)?.[1];
  if (ended === undefined || result.truncated)
    return { kind: 'failed', words: words === '' ? 'it left the shell' : `it left the shell: ${words}` };
  const env = Object.fromEntries(variables.filter((line) => line.indexOf('=') > 0).map(splitVariable));
  return { kind: 'ready', env, status: Number(ended), words: words === '' ? null : words };
}

function splitVariable(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
