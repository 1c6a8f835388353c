import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

const ATTENDED_EVERY_MS = 3_000;
/** Longer than the start of a job takes on a busy machine. */
const GHOST_SECONDS = 20;

/**
 * Does what an administrator does after a crash, as long as `work` takes. slurmd refuses a start under the id of a job that it
 * started before and of which the controller, which has lost that job, has told it no end ("already running, do not launch
 * second copy"): until slurmd is started again. The controller sets the node aside as "Duplicate jobid", and may take the
 * refused job for running until its time limit: until the node is set down.
 *
 * @param hasProcesses whether a process of a job lives on the nodes
 */
export async function attended<T>(cluster: Cluster, work: Promise<T>, hasProcesses: () => boolean): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  );
  do await attend(cluster, hasProcesses);
  while (!(await Promise.race([ended, sleep(ATTENDED_EVERY_MS, false)])));
  return work;
}

async function attend(cluster: Cluster, hasProcesses: () => boolean): Promise<void> {
  const ask = (argv: readonly string[]): readonly string[] =>
    slurm(cluster.env, argv)
      .split('\n')
      .filter((line) => line !== '');
  try {
    for (const number of [1, 2] as const) {
      const node = cluster.nodes[number - 1] ?? '';
      const [shown = ''] = ask(['scontrol', '-o', 'show', 'node', node]);
      if (shown.includes('Duplicate jobid')) {
        await cluster.stopNode(number);
        await cluster.startNode(number);
      }
      const ages = ask(['squeue', '-h', '-w', node, '--states=RUNNING', '-o', '%S']).map(
        (start) => Date.now() - Date.parse(start),
      );
      const ghost = ages.length > 0 && Math.min(...ages) > GHOST_SECONDS * 1000 && !hasProcesses();
      if (ghost) ask(['scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test']);
      if (ghost || /State=\S*(?:DRAIN|DOWN)/.test(shown)) setNodes(cluster, 'resume', [node]);
    }
  } catch {
    // The controller or a node does not answer yet: the next round will tell.
  }
}

/** What `scontrol show node` says of the last report of a node; null where it has not reported since the controller's start. */
export function reportOf(cluster: Cluster, node: string): string | null {
  const [, at = 'None'] = /SlurmdStartTime=(\S+)/.exec(slurm(cluster.env, ['scontrol', 'show', 'node', node])) ?? [];
  return at === 'None' ? null : at;
}
