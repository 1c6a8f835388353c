import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderSlurmScript } from '../../src/launch-scripts/slurm-script.ts';
import { SLURM_WRAPPER, WRAPPER_FILE } from '../../src/launch-scripts/slurm-wrapper.ts';
import type { Compute, Design } from '../../src/project/design.ts';
import { temporaryFolder } from './project.ts';

/** Slurm scripts without a Slurm: designs, and a folder in which bash runs the script as a node would. */

export const COMPUTE: Compute = {
  location: 'slurm',
  time: '00:30:00',
  time_seconds: 1800,
  memory: '4G',
  memory_mb: 4096,
  cpus: null,
  gpu_count: 0,
  gpu_type: null,
  partition: null,
  qos: null,
  account: null,
  constraint: null,
  nodes: null,
  ntasks: null,
  exclude: null,
  reservation: null,
  nice: null,
  requeue: false,
  memory_per_cpu: null,
  memory_per_cpu_mb: null,
  memory_per_gpu: null,
  memory_per_gpu_mb: null,
  ntasks_per_node: null,
  exclusive: false,
  nodelist: null,
  licenses: null,
  begin: null,
  signal: null,
  grace_seconds: null,
  cluster: null,
  comment: null,
  mail_type: null,
  mail_user: null,
  wckey: null,
  sbatch_options: [],
};

export function slurmDesign(
  argv: readonly string[],
  compute: Partial<Compute> = {},
): Pick<Design, 'iteration_id' | 'entrypoint' | 'compute'> {
  return { iteration_id: 'iter1', entrypoint: { kind: 'command', argv }, compute: { ...COMPUTE, ...compute } };
}

export interface JobEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Node {
  readonly root: string;
  readonly runDir: string;
  readonly receipt: string;
  /** Runs a script as slurmd would run the batch step. The environment has only what is said here. */
  readonly run: (script: string, environment?: Readonly<Record<string, string>>) => Promise<JobEnd>;
  readonly start: (script: string, environment?: Readonly<Record<string, string>>) => Job;
  /** What the job left. */
  readonly receipts: () => readonly string[];
  readonly json: (name: string) => unknown;
}

export interface Job {
  readonly pid: number;
  readonly ended: Promise<JobEnd>;
}

let scripts = 0;

/** A project and a run's folder under names that a shell would trip over. */
export function makeNode(): Node {
  const root = join(realpathSync(temporaryFolder()), "it's a $(node)");
  const runDir = join(root, 'experiments/iter1/runs/r1');
  const receipt = join(runDir, 'receipt');
  mkdirSync(receipt, { recursive: true });
  writeFileSync(join(receipt, WRAPPER_FILE), SLURM_WRAPPER);
  const start: Node['start'] = (script, environment = {}) => {
    scripts += 1;
    const file = join(root, '.autolab', `slurm_script.${scripts}`);
    mkdirSync(join(root, '.autolab'), { recursive: true });
    writeFileSync(file, script);
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      AUTOLAB_RUN_ID: 'r1',
      AUTOLAB_ITERATION_ID: 'iter1',
      AUTOLAB_RUN_DIR: runDir,
      AUTOLAB_REPO_ROOT: root,
      AUTOLAB_REQUEUE: '0',
      SLURM_JOB_ID: '7',
      SLURMD_NODENAME: 'n1',
      ...environment,
    };
    // A group of its own, as the processes of a batch step are: a signal reaches all of them.
    const child = spawn('bash', [file], { cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<JobEnd>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        // bash says so of a child at times, on a busy machine; the status is read from a file, so that nothing depends on it.
        const said = stderr.replaceAll(/^.*: wait_for: No record of process \d+\n/gm, '');
        resolve({ status, stdout, stderr: said });
      });
    });
    return { pid: child.pid ?? 0, ended };
  };
  return {
    root,
    runDir,
    receipt,
    start,
    run: (script, environment) => start(script, environment).ended,
    receipts: () =>
      readdirSync(receipt)
        .filter((name) => name !== WRAPPER_FILE)
        .sort(),
    json: (name) => JSON.parse(readFileSync(join(receipt, name), 'utf8')) as unknown,
  };
}

/** The rendered script for a command line of bash. */
export function bashScript(line: string, activation = '# nothing to activate\n'): string {
  return renderSlurmScript({ design: slurmDesign(['bash', '-c', line]), activation, python: 'python3', runId: 'r1' });
}

export const MARK_SCRIPT = bashScript('echo "$SLURM_JOB_ID" >> "$AUTOLAB_RUN_DIR/ran"');

/** The jobs whose `MARK_SCRIPT` got as far as the entrypoint. */
export function ranJobs(node: Node): string[] {
  const file = join(node.runDir, 'ran');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** Takes the place of a program for a job that is run with `fakePath`. */
export function fakeCommand(node: Node, name: string, line: string): void {
  const file = join(node.root, '.autolab/bin', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/bash\n${line}\n`);
  chmodSync(file, 0o755);
}

/**
 * With `fakePath`: when a script waits the second in which a signal may come to it that its child had first, it comes.
 * However busy the machine is, it is neither before nor after that.
 */
export function signalledAsItWaits(node: Node, signal: string): void {
  fakeCommand(node, 'sleep', `[ "$*" != 1 ] || kill -${signal} "$PPID"\nexec /bin/sleep "$@"`);
}

export function fakePath(node: Node): { PATH: string } {
  return { PATH: `${node.root}/.autolab/bin:${process.env['PATH'] ?? ''}` };
}
