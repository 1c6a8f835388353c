import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cleanEnvironment, inRun } from './autolab.ts';
import { COMMAND_EVERY_MS, makeProject, type ProjectOptions, read, until, write } from './project.ts';
import { manifestOf } from './runs.ts';

/** Approved experiments for a Slurm cluster, and what the cluster says of their jobs. */

export type SlurmEnv = Readonly<Record<string, string>>;

/** Asks the queue and the books often: the test cluster is ours alone. */
const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6}\nconfirm: {timeout_seconds: 60}\n';

export function slurmProject(options: ProjectOptions & { readonly launchYaml?: string } = {}): string {
  const root = makeProject({
    git: false,
    ...options,
    compute: { location: 'slurm', time: '"00:02:00"', memory: '200M', cpus: 1, ...options.compute },
  });
  write(root, '.autolab/launch.yaml', options.launchYaml ?? QUICK);
  return root;
}

/** A Slurm command against the test cluster; its stdout. */
export function slurm(env: SlurmEnv, argv: readonly string[]): string {
  const [command = '', ...words] = argv;
  return execFileSync(command, words, { env: cleanEnvironment(env), encoding: 'utf8' });
}

/** Waits for a fact that a command of Slurm is asked for. If the command fails, it is asked again, as on a busy machine. */
export async function untilSlurm(what: string, holds: () => boolean, limitMs?: number): Promise<void> {
  let failure = '';
  const answered = (): boolean => {
    try {
      return holds();
    } catch (error) {
      failure = `; a command failed: ${String(error)}`;
      return false;
    }
  };
  await until(what, answered, limitMs, COMMAND_EVERY_MS).catch((error: unknown) => {
    throw new Error(`${String(error)}${failure}`, { cause: error });
  });
}

/** Puts a node into service that Slurm set aside for a failed prolog. That may come after the news of the job. */
export async function bringBackNode(env: SlurmEnv, node: string): Promise<void> {
  await untilSlurm(`${node} is set aside and brought back`, () => {
    if (!/drain/.test(slurm(env, ['sinfo', '-h', '-N', '-n', node, '-o', '%T']))) return false;
    slurm(env, ['scontrol', 'update', `nodename=${node}`, 'state=resume']);
    return true;
  });
}

/**
 * Lets a job that went back to the queue begin again now, rather than after two minutes.
 *
 * Slurm waits that long for a reason: a node refuses a start whose credential is not of a later second than its order to
 * end the first one, and the job ends FAILED 1:0 without a line of its script ("Job credential revoked" in the log of
 * slurmctld). So the first start must be cleared away, and the clock must show another second.
 */
export async function beginAgain(env: SlurmEnv, jobId: string): Promise<void> {
  const state = (): string => slurm(env, ['squeue', '-j', jobId, '-h', '-o', '%T %r']).trim();
  await untilSlurm('the first start is cleared away', () => state() === 'PENDING BeginTime');
  const second = (): number => Math.floor(Date.now() / 1000);
  const cleared = second();
  // One more, because Slurm may read a clock that is a few milliseconds behind.
  await until('a later second', () => second() > cleared + 1);
  slurm(env, ['scontrol', 'update', `jobid=${jobId}`, 'starttime=now']);
}

/** The id of the run's job, once the journal knows it. */
export async function jobOf(root: string, runId: string): Promise<string> {
  const find = (): string | undefined =>
    journalOf(root, runId).find((entry) => entry.event === 'job.submitted')?.data['job_id'];
  await until('a job is submitted', () => find() !== undefined);
  return find() ?? '';
}

export interface Line {
  readonly at: string;
  readonly event: string;
  readonly step: string;
  readonly data: Record<string, any>;
}

export function journalOf(root: string, runId: string): readonly Line[] {
  const path = inRun(root, 'iter1', runId, 'journal.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}

/** Every job that accounting knows under the run's name, with its state; steps left out. */
function jobsNamed(env: SlurmEnv, root: string, runId: string): readonly string[] {
  const key = manifestOf(root, runId)['slurm']['submit_key'] as string;
  const text = slurm(env, ['sacct', '-S', '2000-01-01', '-X', '-n', '-P', '--name', key, '--format=JobID,State,Start']);
  return text.split('\n').filter((line) => line !== '');
}

/** Of those, the ones that ever ran. */
function startedJobs(env: SlurmEnv, root: string, runId: string): readonly string[] {
  return jobsNamed(env, root, runId).filter((line) => !/\|(None|Unknown)$/.test(line));
}

const LEFT = /\|(PENDING|RUNNING|SUSPENDED|REQUEUED)\|/;

export function ledgerRows(root: string): readonly string[] {
  return read(root, 'docs/slurm_job_list.md')
    .split('\n')
    .filter((line) => line.startsWith('- '));
}

/** What must hold of every run that came to its end. */
export async function expectOnce(env: SlurmEnv, root: string, runId: string): Promise<void> {
  // The books may lag behind the record of the end.
  await untilSlurm('accounting knows that the job started', () => startedJobs(env, root, runId).length > 0);
  expect(startedJobs(env, root, runId)).toHaveLength(1);
  // A copy that was never let go must not stay in the queue.
  await untilSlurm('no job of the run is left', () => jobsNamed(env, root, runId).every((line) => !LEFT.test(line)));
  expect(ledgerRows(root).filter((row) => row.includes(`run_id=${runId} `))).toHaveLength(1);
  expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
}
