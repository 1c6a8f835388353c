import { run } from '../platform/process.ts';

/** What the user's ssh configuration makes of a destination: `ssh -G`, which connects to nothing. */
export type Resolved =
  | { readonly ok: true; readonly values: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly words: string };

const SHOWN = ['hostname', 'user', 'port', 'proxyjump', 'proxycommand', 'identityfile', 'userknownhostsfile'];

export async function resolveDestination(destination: string): Promise<Resolved> {
  const result = await run(['ssh', '-G', '--', destination], { timeoutMs: 10_000 });
  if (result.exitCode !== 0) return { ok: false, words: result.spawnError ?? result.stderr.trim() };
  const values: Record<string, string> = {};
  for (const line of result.stdout.split('\n')) {
    const at = line.indexOf(' ');
    const name = line.slice(0, at);
    if (!SHOWN.includes(name)) continue;
    const value = line.slice(at + 1);
    values[name] = values[name] === undefined ? value : `${values[name]}, ${value}`;
  }
  return { ok: true, values };
}
