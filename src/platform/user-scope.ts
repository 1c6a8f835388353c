import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { ownPath, readOrNull } from './cgroup-place.ts';

/**
 * A scope of the user's systemd: a cgroup that is delegated to whoever starts in it. Only if lingering is on, because
 * the user's systemd ends with the last session otherwise, and all scopes with it; and only out of a login session: a
 * job of a scheduler must not leave the cgroup that it is counted in. Looks at files only: asking systemd takes longer
 * than the rest of a start.
 */
export function canMakeScope(): boolean {
  const isTest = process.env['AUTOLAB_TEST_LINGER'] !== undefined;
  if (!isTest && !isOfLogin(ownPath(readOrNull('/proc/self/cgroup') ?? ''), process.geteuid?.() ?? -1)) return false;
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (runtime === undefined || !existsSync(join(runtime, 'bus'))) return false;
  const name = userName();
  return name !== '' && existsSync(join(lingerFolder(), name)) && isOnPath('systemd-run');
}

/** Whether a cgroup is one of the user's sessions, or of the user's systemd. Pure. */
export function isOfLogin(path: string | null, user: number): boolean {
  return path?.startsWith(`/user.slice/user-${user}.slice/`) === true;
}

/** The command that starts another one in a scope of its own; it becomes that other one, with the same pid. */
export function scopeCommand(unit: string): readonly string[] {
  return [
    'systemd-run',
    '--user',
    '--scope',
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    '--property=Delegate=yes',
    '--',
  ];
}

/** loginctl(1), enable-linger. */
function lingerFolder(): string {
  return process.env['AUTOLAB_TEST_LINGER'] ?? '/var/lib/systemd/linger';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name.
    return '';
  }
}

function isOnPath(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => folder !== '' && existsSync(join(folder, command)));
}
