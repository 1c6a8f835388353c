import { readFileSync } from 'node:fs';

/** Memory facts of this process's cgroup. Version 2 first, then 1; null if there is none. */

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The folder of this process in the memory hierarchy. */
function memoryFolder(): { readonly path: string; readonly version: 1 | 2 } | null {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n');
  const one = lines.find((line) => /^\d+:([^:]*,)?memory(,[^:]*)?:/.test(line));
  if (one !== undefined)
    return { path: `/sys/fs/cgroup/memory${one.slice(one.indexOf(':', one.indexOf(':') + 1) + 1)}`, version: 1 };
  const two = lines.find((line) => line.startsWith('0::'));
  return two === undefined ? null : { path: `/sys/fs/cgroup${two.slice(3)}`, version: 2 };
}

/** How many processes of this cgroup the OOM killer has ended since the cgroup exists. */
export function oomKills(): number | null {
  const folder = memoryFolder();
  if (folder === null) return null;
  const text = read(`${folder.path}/${folder.version === 2 ? 'memory.events' : 'memory.oom_control'}`);
  const match = /^oom_kill (\d+)$/m.exec(text ?? '');
  return match === null ? null : Number(match[1]);
}
