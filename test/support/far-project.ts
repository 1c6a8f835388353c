import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Far } from './far.ts';
import { commitAll, type ProjectOptions, write } from './project.ts';
import { slurmProject } from './slurm-project.ts';

/** Approved experiments for a Slurm that lives behind ssh. */

export interface FarProjectOptions extends ProjectOptions {
  readonly mode?: 'git' | 'rsync' | 'shared_fs';
  /** More lines of the profile. */
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly launchYaml?: string;
}

let made = 0;

/** The folder for runs on the far side is new for every project. */
export function farProject(far: Far, options: FarProjectOptions = {}): string {
  const { mode = 'rsync', profile = {}, git = true, ...rest } = options;
  const root = slurmProject({ ...rest, git: false });
  made += 1;
  const base = join(far.home, `runs ${made}`);
  mkdirSync(base);
  const lines = {
    mode,
    login_host: far.destination,
    remote_repo_root: base,
    connect_timeout_seconds: 5,
    ...profile,
  };
  const text = Object.entries(lines).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`);
  write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far:\n${text.join('')}`);
  if (git) commitAll(root);
  return root;
}

/** Where the project's runs go over there. */
export function baseOf(far: Far): string {
  return join(far.home, `runs ${made}`);
}

/** The folder of a run of the project that was made last, over there. */
export function farRun(far: Far, runId: string, ...parts: readonly string[]): string {
  return join(baseOf(far), '.autolab/worktrees', runId, 'experiments/iter1/runs', runId, ...parts);
}
