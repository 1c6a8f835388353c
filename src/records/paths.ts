import { join } from 'node:path';
import { jobLogs, OWN_LOGS } from './log-names.ts';

/** The places of a project's files, relative to its root. Pure. */
export const STATE = '.autolab/state.json';
export const BACKLOG = '.autolab/backlog.yaml';
export const TODO_FOCUS = '.autolab/todo_focus.json';
/** Where the workflows of other experiments stand. */
export const POSITIONS = '.autolab/positions.json';
export const CLAIM = '.autolab/active_run.json';
export const AGENT_RESULT = '.autolab/agent_result.json';
export const PROMPT_TEMPLATE = '.autolab/prompts/stage_launch.md';
export const PROMPT_RENDERED = '.autolab/prompts/rendered/launch.md';
export const PROMPT_CONTEXT = '.autolab/prompts/rendered/launch.context.json';
/** The prompt of any stage: its template, and what is rendered from it. */
export function promptPaths(stage: string): {
  readonly template: string;
  readonly rendered: string;
  readonly context: string;
} {
  const rendered = `.autolab/prompts/rendered/${stage}`;
  return {
    template: `.autolab/prompts/stage_${stage}.md`,
    rendered: `${rendered}.md`,
    context: `${rendered}.context.json`,
  };
}
/** A folder: `digest-cache.ts`. */
export const DIGEST_CACHE = '.autolab/cache';
/** A folder: `run/notification.ts`. */
export const NOTIFICATIONS = '.autolab/notifications';
export const LEDGER = 'docs/slurm_job_list.md';

export interface RunPaths {
  /** Relative to the root, with `/`: for records. */
  readonly relative: string;
  /** Absolute. */
  readonly folder: string;
  readonly journal: string;
  readonly manifest: string;
  readonly logs: string;
  readonly stdoutLog: string;
  readonly stderrLog: string;
  readonly driverLog: string;
  /** Only a local run has one. */
  readonly supervisorLog: string;
  readonly receipt: string;
  readonly artifacts: string;
  readonly codeSums: string;
  readonly inputSums: string;
  readonly codePatch: string;
  readonly cancel: string;
  readonly abandoned: string;
}

export function runPaths(root: string, iterationId: string, runId: string): RunPaths {
  const relative = `experiments/${iterationId}/runs/${runId}`;
  const folder = join(root, relative);
  return {
    relative,
    folder,
    journal: join(folder, 'journal.jsonl'),
    manifest: join(folder, 'run_manifest.json'),
    logs: join(folder, 'logs'),
    stdoutLog: join(folder, 'logs', OWN_LOGS.stdout),
    stderrLog: join(folder, 'logs', OWN_LOGS.stderr),
    driverLog: join(folder, 'logs', 'driver.log'),
    supervisorLog: join(folder, 'logs', 'supervisor.log'),
    receipt: join(folder, 'receipt'),
    artifacts: join(folder, 'artifacts.sha256'),
    codeSums: join(folder, 'code.sha256'),
    inputSums: join(folder, 'inputs.sha256'),
    codePatch: join(folder, 'code.patch'),
    cancel: join(folder, 'cancel.json'),
    abandoned: join(folder, 'abandoned.json'),
  };
}

export function localScript(iterationId: string): string {
  return `experiments/${iterationId}/launch/run_local.sh`;
}

export function slurmScript(iterationId: string): string {
  return `experiments/${iterationId}/launch/run_slurm.sbatch`;
}

/** A long activation, which the scripts read. */
export function activationScript(iterationId: string): string {
  return `experiments/${iterationId}/launch/activation.sh`;
}

/** The logs of a job; absolute. */
export function slurmLogs(
  paths: Pick<RunPaths, 'logs'>,
  jobId: string,
): { readonly stdout: string; readonly stderr: string } {
  const { stdout, stderr } = jobLogs(jobId);
  return { stdout: join(paths.logs, stdout), stderr: join(paths.logs, stderr) };
}
