import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, inject } from 'vitest';
import { type Ended, startProgram } from './autolab.ts';

/** A real Slurm for tests under test/slurm: one that all files share, or one of a file's own. */

declare module 'vitest' {
  interface ProvidedContext {
    /** Of scripts/lib/slurm/for-tests.mjs: where the shared cluster is, or why there is none. */
    readonly slurm: { readonly folder: string | null; readonly reason: string | null };
  }
}

export interface HowToStop {
  readonly signal?: NodeJS.Signals;
  /** Then SIGKILL. 15 where left out. */
  readonly seconds?: number;
}

/** See scripts/lib/slurm/cluster.mjs, which is plain JavaScript. */
export interface Cluster {
  readonly folder: string;
  readonly conf: string;
  readonly env: Readonly<{ SLURM_CONF: string }>;
  readonly cluster: string;
  readonly nodes: readonly [string, string];
  readonly port: number;
  readonly accounting: boolean;
  readonly site: Site;
  /** `none`: a job is not killed for the memory that it takes. */
  readonly memoryLimits: 'cgroup/v1' | 'cgroup/v2' | 'none';
  readonly pidOf: (daemon: string) => number | null;
  readonly stopController: (how?: HowToStop) => Promise<void>;
  readonly startController: () => Promise<void>;
  readonly stopDbd: (how?: HowToStop) => Promise<void>;
  readonly startDbd: () => Promise<void>;
  readonly stopDatabase: (how?: HowToStop) => Promise<void>;
  readonly startDatabase: () => Promise<void>;
  readonly stopNode: (number: 1 | 2, how?: HowToStop) => Promise<void>;
  readonly startNode: (number: 1 | 2) => Promise<void>;
}

/** Rules of a kind of cluster: docs/how-to/local-cluster.md, and scripts/lib/slurm/sites.mjs. */
export type Site =
  | 'plain'
  | 'whole-node'
  | 'per-cpu-memory'
  | 'no-memory'
  | 'lua'
  | 'grace'
  | 'prolog'
  | 'partition-limits'
  | 'few-jobs';

export interface ClusterOptions {
  readonly site?: Site;
  readonly accounting?: boolean;
  /** Seconds that slurmctld remembers a finished job, at least; it looks once a minute. */
  readonly minJobAge?: number;
}

interface Temporary {
  readonly temporaryCluster: (options?: ClusterOptions) => Promise<Cluster>;
  readonly siteBeside: (folder: string, site: string) => Promise<Cluster>;
  readonly endTemporary: (folder: string) => Promise<void>;
}

const provided = inject('slurm');

/** Whether the tests use a newer Slurm than this machine's: `npm run campaign -- slurm-24`. */
export const ON_NEWER_SLURM = process.env['AUTOLAB_SLURM_RELEASE'] !== undefined;

/** In place of `describe`: skipped where no Slurm can be started, which the run says loudly. */
export const describeOnSlurm = describe.skipIf(provided.folder === null);

/** The cluster that all files share. Tests must leave it as they found it; what breaks things takes `ownCluster`. */
export async function sharedCluster(): Promise<Cluster> {
  if (provided.folder === null) throw new Error(`There is no Slurm here: ${String(provided.reason)}`);
  const { attach } = await load<{ attach: (folder: string) => Cluster }>('cluster.mjs');
  return attach(provided.folder);
}

/**
 * The cluster of a site that all files share: call it in `beforeAll`. The first caller of a test run starts it, in about two
 * seconds; it keeps its books with the shared cluster, whose jobs and nodes are others. Two nodes of four CPUs, as ever:
 * tests that fill them wait for each other. What stops daemons or sets nodes aside takes
 * `ownCluster({ site })`.
 */
export async function siteCluster(site: Site): Promise<Cluster> {
  const shared = await sharedCluster();
  if (site === shared.site) return shared;
  const { siteBeside } = await load<Temporary>('temporary.mjs');
  return siteBeside(shared.folder, site);
}

/** A cluster for this file (called in `beforeAll`) or this test, taken down after the file. About 7 seconds, 3 without accounting. */
export async function ownCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { temporaryCluster } = await load<Temporary>('temporary.mjs');
  const cluster = await temporaryCluster(options);
  own.push(cluster.folder);
  return cluster;
}

const own: string[] = [];

afterAll(async () => {
  const { endTemporary } = await load<Temporary>('temporary.mjs');
  for (const folder of own.splice(0)) await endTemporary(folder);
});

async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(resolve('scripts/lib/slurm', name)).href)) as Module;
}

/** Runs a command of Slurm on a cluster. */
export async function onCluster(cluster: Cluster, argv: readonly string[], cwd = '/tmp'): Promise<Ended> {
  return startProgram(argv, cwd, { env: cluster.env }).ended;
}

/** Submits a script's body with options of sbatch. Its output goes nowhere unless the options say where. */
export async function submit(cluster: Cluster, options: readonly string[], body: string): Promise<string> {
  const argv = ['sbatch', '--parsable', '--output=/dev/null', ...options, `--wrap=${body}`];
  const ended = await onCluster(cluster, argv);
  if (ended.status !== 0) throw new Error(`${argv.join(' ')}: ${ended.stderr}`);
  return ended.stdout.trim();
}

/** What the controller says of a job, by key. For example `Reason`. Empty if it does not know the job. */
export async function shown(cluster: Cluster, jobId: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await onCluster(cluster, ['scontrol', '--oneliner', 'show', 'job', jobId]);
  const pairs = stdout.matchAll(/(?:^| )([\w/:]+)=(\S*)/g);
  return Object.fromEntries(Array.from(pairs, ([, key = '', value = '']) => [key, value]));
}

/**
 * State and exit code of a job as sacct has them, for example `FAILED 1:0`; empty until there is an end. A busy controller tells
 * accounting of the start when the job has ended: until the end is told, too, the row is `FAILED 0:0`, whatever the exit code.
 */
export async function recorded(cluster: Cluster, jobId: string): Promise<string> {
  const argv = ['sacct', '-j', jobId, '-X', '--noheader', '--parsable2', '--format=State,ExitCode,End'];
  const { stdout } = await onCluster(cluster, argv);
  const [state = '', exitCode = '', end = 'Unknown'] = stdout.trim().split('|');
  return end === 'Unknown' ? '' : `${state} ${exitCode}`;
}

/** State of a job as the controller has it, for example `RUNNING`; empty where it does not know the job. */
export async function queued(cluster: Cluster, jobId: string): Promise<string> {
  const { stdout } = await onCluster(cluster, ['squeue', '-j', jobId, '-h', '--states=all', '-o', '%T']);
  return stdout.trim();
}

/**
 * Lets a running job reach its time limit now. `--time` counts in minutes; slurmctld looks every half minute, so it takes up
 * to 30 seconds, and three until what ignores SIGTERM is killed.
 */
export async function endOfTime(cluster: Cluster, jobId: string): Promise<void> {
  const ended = await onCluster(cluster, ['scontrol', 'update', `jobid=${jobId}`, 'endtime=now+1']);
  if (ended.status !== 0) throw new Error(ended.stderr);
}

/** A job in a state that it will not leave. sacct may be behind: it says RUNNING, or even PENDING, of a job that is over. */
export const ENDED = /^(?!PENDING|RUNNING|COMPLETING)./;

/** Reads until the text is as wanted, and not so often that it changes what the daemons do. For example `becomes(() => recorded(cluster, id), ENDED)`. */
export async function becomes(read: () => Promise<string>, wanted: RegExp, seconds = 180): Promise<string> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const text = await read();
    if (wanted.test(text)) return text;
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${String(wanted)}, got "${text}"`);
    await sleep(400);
  }
}

/** A job that runs for ten minutes and has begun. */
export async function running(cluster: Cluster, options: readonly string[] = []): Promise<string> {
  const id = await submit(cluster, options, 'sleep 600');
  await becomes(() => queued(cluster, id), /^RUNNING$/);
  return id;
}
