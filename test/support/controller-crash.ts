import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Running, startAutolab } from './autolab.ts';
import { until } from './project.ts';
import { becomes, type Cluster } from './slurm.ts';
import { slurm } from './slurm-project.ts';

/**
 * A controller that dies as with its machine. slurmctld saves its jobs every few seconds at most: what its disk had then is
 * what it starts with again. A test keeps a saved state and puts it back after the kill, so that nothing depends on the
 * moment.
 */
const STATE = 'state/job_state';

/** The jobs as they were saved last, once `isThere` finds what it wants in the bytes. */
export async function savedState(cluster: Cluster, what: string, isThere: (saved: Buffer) => boolean): Promise<Buffer> {
  const path = join(cluster.folder, STATE);
  const saved = (): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
  await until(`the controller has saved ${what}`, () => isThere(saved()));
  return saved();
}

/** Kills the controller and starts it again; `state`: with these jobs, in place of those that it saved last. */
export async function crash(
  cluster: Cluster,
  options: { readonly state?: Buffer; readonly meanwhile?: () => void | Promise<void> } = {},
): Promise<void> {
  await cluster.stopController({ signal: 'SIGKILL' });
  await options.meanwhile?.();
  if (options.state !== undefined) {
    writeFileSync(join(cluster.folder, STATE), options.state);
    writeFileSync(join(cluster.folder, `${STATE}.old`), options.state);
  }
  await cluster.startController();
}

export function setNodes(cluster: Cluster, state: 'drain' | 'resume', nodes: readonly string[] = cluster.nodes): void {
  for (const node of nodes)
    slurm(cluster.env, ['scontrol', 'update', `nodename=${node}`, `state=${state}`, 'reason=test']);
}

/**
 * Lets nodes take jobs that were drained for the test, or by Slurm for a duplicate job. After a start of the controller a
 * node can be told so only once it has reported.
 */
export async function freeNodes(cluster: Cluster, nodes: readonly string[] = cluster.nodes): Promise<void> {
  for (const node of nodes) {
    await becomes(() => Promise.resolve(reportOf(cluster, node) ?? ''), /./);
    const state = slurm(cluster.env, ['sinfo', '-h', '-N', '-p', 'main', '-n', node, '-o', '%T']);
    if (/drain|down/.test(state)) setNodes(cluster, 'resume', [node]);
  }
}

/** What `scontrol show node` says of the last report of a node; null where it has not reported since the controller's start. */
export function reportOf(cluster: Cluster, node: string): string | null {
  const [, at = 'None'] = /SlurmdStartTime=(\S+)/.exec(slurm(cluster.env, ['scontrol', 'show', 'node', node])) ?? [];
  return at === 'None' ? null : at;
}

/** Starts the program and lets it stop at a place that it must reach; `go` lets it continue. */
export async function stoppedAt(
  root: string,
  words: readonly string[],
  place: string,
  env: Readonly<Record<string, string>>,
): Promise<Running & { readonly go: () => void }> {
  const driver = startAutolab(root, words, { env: { ...env, AUTOLAB_STOP_AT: place } });
  const pid = driver.child.pid ?? 0;
  const stopped = (): boolean => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  await until(`the driver stops at ${place}`, stopped);
  expect(stopped()).toBe(true);
  return { ...driver, go: () => process.kill(pid, 'SIGCONT') };
}
