import { ACTIVATION_FILE } from '../../launch-scripts/activation.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT, SAMPLER_SCRIPT } from '../../launch-scripts/beside.ts';
import { LIST_CODE_FILE } from '../../launch-scripts/code-listing.ts';
import { COLLECT_FILE, WRAPPER_FILE } from '../../launch-scripts/slurm-wrapper.ts';
import { TASKS_SCRIPT } from '../../launch-scripts/tasks/prologue.ts';
import { ENVIRONMENT_RECORD_FILE } from '../../records/environment.ts';
import {
  receiptNameOf,
  RECEIPTS_FOLDER,
  TASK_ENDS_FILE,
  TASK_RESULTS_FILE,
  TASK_TABLE_FILE,
} from '../../records/tasks/task-files.ts';
import { TASK_LIST_FILE } from '../../records/tasks/task-list.ts';
import { taskOutputOf } from '../../records/tasks/task-outputs.ts';
import { TASKS_REUSED_FILE } from '../../records/tasks/task-reuse.ts';
import { WITHHELD_FILE } from '../../records/withheld.ts';
import { CODE_LISTING_FILE, JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import { PARTIAL_FOLDER } from '../../transports/rsync-command.ts';

/**
 * Which files of a run's folder on the remote host are the job's. The launcher writes its own records here; a job that
 * writes files of the same names must not replace them. Pure.
 */
export interface OwnFiles {
  /** Names that are never sent: on the remote host, only a job can have written them. */
  readonly unsent: ReadonlySet<string>;
  /** Those that the launcher has sent itself. */
  readonly sent: ReadonlySet<string>;
  /** Tasks whose outputs and receipts are those of an earlier run. */
  readonly takenOver: Pick<ReadonlySet<number>, 'has'>;
}

/** What a run has that decides about names. In one without tasks, files called like their records are outputs. */
export interface OwnFilesOf {
  readonly hasTasks: boolean;
  readonly hasInputs: boolean;
  readonly takenOver: OwnFiles['takenOver'];
}

const UNSENT = [
  'journal.jsonl',
  'run_manifest.json',
  'artifacts.sha256',
  'cancel.json',
  'abandoned.json',
  'code.patch',
  `receipt/${ENVIRONMENT_RECORD_FILE}`,
  `receipt/${WITHHELD_FILE}`,
  'receipt/order.json',
];

const UNSENT_OF_TASKS = [TASKS_REUSED_FILE, TASK_RESULTS_FILE, `receipt/${TASK_ENDS_FILE}`];

const SENT = [
  'code.sha256',
  ...[
    JOB_SCRIPT_FILE,
    CODE_LISTING_FILE,
    LIST_CODE_FILE,
    WRAPPER_FILE,
    COLLECT_FILE,
    ACTIVATION_FILE,
    INPUTS_SCRIPT,
    ENVIRONMENT_SCRIPT,
    SAMPLER_SCRIPT,
  ].map((name) => `receipt/${name}`),
];

const SENT_FOR_TASKS = [TASK_LIST_FILE, `receipt/${TASK_TABLE_FILE}`, `receipt/${TASKS_SCRIPT}`];

const OWN_LOGS = /^logs\/(driver\.log|supervisor\.log|probes\/.*|(sbatch|squeue|sacct|scontrol|scancel)\..*)$/;

export function ownFiles({ hasTasks, hasInputs, takenOver }: OwnFilesOf): OwnFiles {
  return {
    unsent: new Set([...UNSENT, ...(hasTasks ? UNSENT_OF_TASKS : [])]),
    sent: new Set([...SENT, ...(hasInputs ? ['inputs.sha256'] : []), ...(hasTasks ? SENT_FOR_TASKS : [])]),
    takenOver,
  };
}

export function isOfTheJob(path: string, own: OwnFiles): boolean {
  if (own.unsent.has(path) || OWN_LOGS.test(path) || /^code\.\d+\.patch$/.test(path)) return false;
  if (wasSent(path, own) || own.takenOver.has(taskOutputOf(path)?.index ?? -1)) return false;
  return !path.split('/').includes(PARTIAL_FOLDER);
}

export function wasSent(path: string, { sent, takenOver }: OwnFiles): boolean {
  if (sent.has(path)) return true;
  const [folder = '', name = '', ...rest] = path.split('/');
  const said = folder === RECEIPTS_FOLDER && rest.length === 0 ? receiptNameOf(name) : null;
  return said !== null && takenOver.has(said.index);
}

/** Those of `unsent` by which strays are looked for, and the launcher's own log. */
export function ofTheLauncher(hasTasks: boolean): readonly string[] {
  return [...UNSENT, ...(hasTasks ? UNSENT_OF_TASKS : []), 'logs/driver.log'];
}
