import { join } from 'node:path';
import type { TasksNow } from '../../events/events.ts';
import { listNames, readTextOrNull } from '../../platform/files.ts';
import { receiptNameOf, taskExitName } from '../../records/tasks/task-files.ts';
import { parseTaskExit } from '../../records/tasks/task-receipt.ts';

/** What `receipts/` says of all tasks at this moment: one listing, and each receipt of an end is read once. */
export class TasksWatch {
  readonly #folder: string;
  readonly #count: number;
  /** Index → whether it ended well. */
  readonly #ended = new Map<number, boolean>();

  /** `folder`: the receipts'; absolute. */
  constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#count = count;
  }

  look(): TasksNow {
    const begun = new Set<number>();
    const cancelled = new Set<number>();
    for (const name of listNames(this.#folder)) {
      const said = receiptNameOf(name);
      if (said === null || said.index >= this.#count) continue;
      if (said.kind === 'cancel') cancelled.add(said.index);
      else begun.add(said.index);
      if (said.kind === 'exit' && !this.#ended.has(said.index)) this.#ended.set(said.index, this.#isGood(said.index));
    }
    const completed = [...this.#ended.values()].filter(Boolean).length;
    const withdrawn = [...cancelled].filter((index) => !begun.has(index)).length;
    const ended = this.#ended.size;
    return {
      count: this.#count,
      waiting: this.#count - begun.size - withdrawn,
      running: begun.size - ended,
      completed,
      failed: ended - completed,
      cancelled: withdrawn,
    };
  }

  /** A requeued task has an end, and begins once more: its next receipt replaces the one that was read. */
  forget(index: number): void {
    this.#ended.delete(index);
  }

  #isGood(index: number): boolean {
    const exit = parseTaskExit(readTextOrNull(join(this.#folder, taskExitName(index))));
    return exit?.exit_code === 0 && exit.ended_by === null;
  }
}
