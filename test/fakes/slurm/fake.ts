import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, until } from '../../support/project.ts';

/** A stand-in for a Slurm cluster, for a test: SPEC.md says what it does. Every one has a state folder of its own. */

export interface Fault {
  /** `job`: the faults of the job itself, `nth` being the order of submission. */
  readonly command: 'sbatch' | 'squeue' | 'sacct' | 'scontrol' | 'scancel' | 'sinfo' | 'job';
  readonly nth?: number | readonly number[] | 'always';
  readonly fault: string;
  readonly [setting: string]: unknown;
}

export interface Answer {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeJob {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly restarts: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

export interface FakeCall {
  readonly command: string;
  readonly nth: number;
  readonly words: readonly string[];
  readonly faults: readonly string[];
}

const BIN = join(import.meta.dirname, 'bin');

export class FakeSlurm {
  readonly folder: string;
  /** Beside what a program needs anyway. */
  readonly env: Readonly<Record<string, string>>;

  constructor(config: Readonly<Record<string, unknown>> = {}, faults: readonly Fault[] = []) {
    this.folder = join(temporaryFolder(), 'slurm');
    mkdirSync(join(this.folder, 'jobs'), { recursive: true });
    this.env = { AUTOLAB_FAKE_SLURM: this.folder, PATH: `${BIN}:${process.env['PATH'] ?? ''}` };
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(config));
    this.faults(faults);
  }

  /** What is to go wrong from now on. */
  faults(faults: readonly Fault[]): void {
    writeFileSync(join(this.folder, 'faults.json'), JSON.stringify(faults));
  }

  jobs(): readonly FakeJob[] {
    return readdirSync(join(this.folder, 'jobs'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(this.folder, 'jobs', name), 'utf8')) as FakeJob)
      .sort((a, b) => a.id - b.id);
  }

  job(id: string | number): FakeJob {
    const job = this.jobs().find((one) => one.id === Number(id));
    if (job === undefined) throw new Error(`there is no job ${String(id)}`);
    return job;
  }

  /** Every call so far, oldest first. */
  calls(): readonly FakeCall[] {
    if (!existsSync(join(this.folder, 'calls.ndjson'))) return [];
    const lines = readFileSync(join(this.folder, 'calls.ndjson'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FakeCall);
  }

  async ended(id: string | number): Promise<FakeJob> {
    await until(`job ${String(id)} has ended`, () => this.job(id).ended_at !== null);
    return this.job(id);
  }

  async running(id: string | number): Promise<FakeJob> {
    await until(`job ${String(id)} has started`, () => this.job(id).started_at !== null);
    return this.job(id);
  }

  /** Runs one of the commands; after `killAfterMs` it is killed, as a launcher does with one that hangs. */
  run(command: string, words: readonly string[], options: RunOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(BIN, command), words, {
        cwd: this.folder,
        env: { ...process.env, ...this.env, ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const texts = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (chunk: Buffer) => {
          texts[name] += chunk.toString();
        });
      child.stdin.end(options.stdin ?? '');
      const timer = setTimeout(() => child.kill('SIGKILL'), options.killAfterMs ?? 60_000);
      child.on('error', reject);
      child.on('close', (status, signal) => {
        clearTimeout(timer);
        resolve({ status, signal, ...texts });
      });
    });
  }
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly killAfterMs?: number;
}
