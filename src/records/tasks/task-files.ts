import { join } from 'node:path';
import type { RunPaths } from '../paths.ts';

/**
 * Where the files of a run's tasks are. Receipts lie in one flat folder: one listing says which tasks have begun and which
 * have ended. Those of a worker get their names just before their one line: one without its end is none yet.
 */

/** Folder of one task's outputs and logs, in the run's folder; with `/`. */
export function taskFolder(index: number): string {
  return `tasks/${index}`;
}

export const TASK_LOGS = { stdout: 'stdout.log', stderr: 'stderr.log' } as const;
/** Folder in the run's folder. */
export const RECEIPTS_FOLDER = 'receipts';
/** In `receipt/`: what the script reads of the tasks. */
export const TASK_TABLE_FILE = 'tasks.table';
/** In `receipt/`: how every task ended, before its outputs were looked at. */
export const TASK_ENDS_FILE = 'task_ends.jsonl';
/** In the run's folder. */
export const TASK_RESULTS_FILE = 'tasks_result.jsonl';

export interface TaskPaths {
  /** All absolute. */
  readonly list: string;
  readonly receipts: string;
  readonly table: string;
  readonly ends: string;
  readonly results: string;
}

export function taskPaths({ folder, receipt }: Pick<RunPaths, 'folder' | 'receipt'>): TaskPaths {
  return {
    list: join(folder, 'tasks.jsonl'),
    receipts: join(folder, RECEIPTS_FOLDER),
    table: join(receipt, TASK_TABLE_FILE),
    ends: join(receipt, TASK_ENDS_FILE),
    results: join(folder, TASK_RESULTS_FILE),
  };
}

/** `attempt`: from 0; a task whose job was requeued has several. */
export function taskClaimName(index: number, attempt: number): string {
  return `claim.${index}.${attempt}`;
}

export function taskStartedName(index: number): string {
  return `${index}.started`;
}

export function taskExitName(index: number): string {
  return `${index}.exit`;
}

/** Made once, by whoever asks: a task that has not begun does not begin any more; one that runs is ended. */
export function taskCancelName(index: number): string {
  return `cancel.${index}`;
}

/** From then on no task begins: enough have failed, or the run is cancelled. */
export const STOP_FILE = 'stop';

/** What a name in `receipts/` says; null for any other name. */
export type ReceiptName =
  | { readonly kind: 'claim'; readonly index: number; readonly attempt: number }
  | { readonly kind: 'started' | 'exit' | 'cancel'; readonly index: number };

export function receiptNameOf(name: string): ReceiptName | null {
  const claim = /^claim\.(\d{1,6})\.(\d{1,6})$/.exec(name);
  if (claim !== null) return { kind: 'claim', index: Number(claim[1]), attempt: Number(claim[2]) };
  const cancel = /^cancel\.(\d{1,6})$/.exec(name);
  if (cancel !== null) return { kind: 'cancel', index: Number(cancel[1]) };
  const other = /^(\d{1,6})\.(started|exit)$/.exec(name);
  return other === null ? null : { kind: other[2] === 'exit' ? 'exit' : 'started', index: Number(other[1]) };
}
