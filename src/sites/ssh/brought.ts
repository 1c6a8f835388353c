import { ENVIRONMENT_SCRIPT, SAMPLER_SCRIPT } from '../../launch-scripts/beside.ts';
import { LIST_CODE_FILE } from '../../launch-scripts/code-listing.ts';
import { COLLECT_FILE, WRAPPER_FILE } from '../../launch-scripts/slurm-wrapper.ts';
import { ENVIRONMENT_RECORD_FILE } from '../../records/environment.ts';
import { CODE_LISTING_FILE, JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import { PARTIAL_FOLDER } from '../../transports/rsync-command.ts';

/**
 * Which files of a run's folder on the remote host are the job's. The launcher writes its own records here; a job that
 * writes files of the same names must not replace them. Pure.
 */
const OWN: ReadonlySet<string> = new Set([
  'journal.jsonl',
  'run_manifest.json',
  'artifacts.sha256',
  'cancel.json',
  'abandoned.json',
  'code.sha256',
  'code.patch',
  `receipt/${JOB_SCRIPT_FILE}`,
  `receipt/${CODE_LISTING_FILE}`,
  `receipt/${LIST_CODE_FILE}`,
  `receipt/${WRAPPER_FILE}`,
  `receipt/${COLLECT_FILE}`,
  `receipt/${ENVIRONMENT_SCRIPT}`,
  `receipt/${ENVIRONMENT_RECORD_FILE}`,
  `receipt/${SAMPLER_SCRIPT}`,
  'receipt/order.json',
]);

const OWN_LOGS = /^logs\/(driver\.log|supervisor\.log|probes\/.*|(sbatch|squeue|sacct|scontrol|scancel)\..*)$/;

export function isOfTheJob(path: string): boolean {
  if (OWN.has(path) || OWN_LOGS.test(path) || /^code\.\d+\.patch$/.test(path)) return false;
  return !path.split('/').includes(PARTIAL_FOLDER);
}

/** Names that are never sent: on the remote host, only a job can have written them. */
export const OF_THE_LAUNCHER: readonly string[] = [...[...OWN].filter((path) => !wasSent(path)), 'logs/driver.log'];

/** Those that the launcher has sent itself. */
export function wasSent(path: string): boolean {
  return [
    'code.sha256',
    ...[
      JOB_SCRIPT_FILE,
      CODE_LISTING_FILE,
      LIST_CODE_FILE,
      WRAPPER_FILE,
      COLLECT_FILE,
      ENVIRONMENT_SCRIPT,
      SAMPLER_SCRIPT,
    ].map((name) => `receipt/${name}`),
  ].includes(path);
}
