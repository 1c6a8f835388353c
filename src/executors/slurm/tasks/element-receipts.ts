import { listNames } from '../../../platform/files.ts';
import type { RunPaths } from '../../../records/paths.ts';
import { type ElementReceipt, parseElementReceipt } from '../../../records/tasks/element-receipt.ts';
import { taskPaths } from '../../../records/tasks/task-files.ts';
import type { TaskClaim } from '../../../records/tasks/task-receipt.ts';
import { readTaskReceipt } from '../../../run/tasks/look.ts';

/** What elements left of themselves, by `12_3.0`: the element, and how often it was restarted. */
export type ElementReceipts = ReadonlyMap<string, ElementReceipt>;

/** One whose name is not its own counts for nothing: a task can write into this folder. */
export function readElementReceipts(paths: Pick<RunPaths, 'folder' | 'receipt'>): ElementReceipts {
  const { receipts } = taskPaths(paths);
  const found = new Map<string, ElementReceipt>();
  for (const name of listNames(receipts)) {
    if (!name.startsWith('element.')) continue;
    const receipt = parseElementReceipt(readTaskReceipt(receipts, name));
    if (receipt !== null && name === `element.${keyOf(receipt)}`) found.set(keyOf(receipt), receipt);
  }
  return found;
}

function keyOf({
  array_job_id: array,
  array_task_id: element,
  restart_count: restart,
}: Pick<ElementReceipt, 'array_job_id' | 'array_task_id' | 'restart_count'>): string {
  return `${array}_${element}.${restart}`;
}

/** That of the start which made a claim. Pure. */
export function receiptOfClaim(receipts: ElementReceipts, claim: TaskClaim | null): ElementReceipt | null {
  const { array_job_id, array_task_id, restart_count, job_id } = claim ?? {};
  if (array_job_id === undefined || array_task_id === undefined || restart_count === undefined) return null;
  const receipt = receipts.get(keyOf({ array_job_id, array_task_id, restart_count }));
  return receipt?.job_id === job_id ? (receipt ?? null) : null;
}

/** The last one of each element, by `12_3`. Pure. */
export function lastReceipts(receipts: ElementReceipts): ReadonlyMap<string, ElementReceipt> {
  const last = new Map<string, ElementReceipt>();
  for (const receipt of receipts.values()) {
    const element = `${receipt.array_job_id}_${receipt.array_task_id}`;
    if (receipt.restart_count >= (last.get(element)?.restart_count ?? 0)) last.set(element, receipt);
  }
  return last;
}
