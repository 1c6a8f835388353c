import { errorCodeOf, exists, lstatOrNull, messageOf, readTextOrNull } from '../../../../platform/files.ts';
import { growingDelay, grown } from '../../../../platform/growing-delay.ts';
import { createQuickly, createWithTwin, makeFolderQuickly, putQuickly } from '../../../../platform/quick-files.ts';
import { now, sleep } from '../../../../platform/time.ts';
import type { KnownTask } from '../../../../records/tasks/task-exits.ts';
import {
  RECEIPTS_FOLDER,
  STOP_FILE,
  taskCancelName,
  taskClaimName,
  taskExitName,
  taskStartedName,
} from '../../../../records/tasks/task-files.ts';
import type { TaskClaim, TaskExit } from '../../../../records/tasks/task-receipt.ts';
import { CANNOT_WRITE } from '../../../../schedulers/local/receipt.ts';
import type { StopWhy } from './pool.ts';

/** From the supervisor's working folder, `receipt/`, which follows a project that is moved. */
const FOLDER = `../${RECEIPTS_FOLDER}`;
const FIRST_PAUSE = growingDelay(100, 5_000);
const GONE_AFTER = 3;

/**
 * The receipts of tasks, as the supervisor writes them, and what it knows of each: a task can overwrite receipts. Nothing
 * waits for the disk: after a power failure, a claim without a receipt is a task whose end is unknown.
 */
export class PoolReceipts {
  readonly #node: string;
  readonly #known = new Map<number, KnownTask>();
  readonly #pending = new Set<Promise<unknown>>();
  #changedAt: number | null = null;
  #hadNews = true;

  constructor(node: string) {
    this.#node = node;
  }

  /**
   * Claims a task; null if another has claimed it, or the folder is gone. The file of the claim becomes the one that says
   * that the task began, too: with thousands of tasks, each file counts.
   */
  async claim(index: number): Promise<ClaimedTask | null> {
    const at = now();
    const claim: TaskClaim = { kind: 'supervisor', node: this.#node, claimed_at: at };
    const name = taskClaimName(index, 0);
    const text = line({ ...claim, attempt: 0, started_at: at });
    const twin = await insist(name, () => createWithTwin(`${FOLDER}/${name}`, text));
    if (twin === null) return null;
    this.#known.set(index, { index, claimed_at: at, exit: null });
    return {
      begin: () => {
        this.#attempt(taskStartedName(index), () => {
          twin.rename(`${FOLDER}/${taskStartedName(index)}`);
        });
      },
      leave: twin.drop,
    };
  }

  ended(index: number, exit: TaskExit): void {
    const known = this.#known.get(index);
    if (known !== undefined) this.#known.set(index, { ...known, exit });
    this.#put(taskExitName(index), exit);
  }

  stop(why: StopWhy): void {
    void this.#keep(insist(STOP_FILE, () => createQuickly(`${FOLDER}/${STOP_FILE}`, line({ why, at: now() }))));
  }

  /** Why nothing more begins; null if more may. */
  stopped(): StopWhy | null {
    if (!exists(`${FOLDER}/${STOP_FILE}`)) return null;
    return readTextOrNull(`${FOLDER}/${STOP_FILE}`)?.includes('"max_failures"') === true ? 'max_failures' : 'cancelled';
  }

  /** The folder of the run was removed, and with it any reader. */
  isGone(): boolean {
    return lstatOrNull(FOLDER) === null;
  }

  isCancelled(index: number): boolean {
    return exists(`${FOLDER}/${taskCancelName(index)}`);
  }

  /** Whether names may have come since the last look. Two changes can have the same stamp: after news there may be more. */
  mayHaveNews(): boolean {
    const at = lstatOrNull(FOLDER)?.mtimeMs ?? null;
    const isNew = at !== this.#changedAt;
    const mayHave = isNew || this.#hadNews;
    this.#changedAt = at;
    this.#hadNews = isNew;
    return mayHave;
  }

  /** Once all receipts are written: what became of each task that was claimed, in the order of their indices. */
  async settled(): Promise<readonly KnownTask[]> {
    await Promise.all(this.#pending);
    return [...this.#known.values()].sort((a, b) => a.index - b.index);
  }

  #put(name: string, value: object): void {
    this.#attempt(name, () => {
      putQuickly(`${FOLDER}/${name}`, line(value));
    });
  }

  #attempt(name: string, act: () => void): void {
    try {
      act();
    } catch {
      void this.#keep(insist(name, act));
    }
  }

  async #keep(promise: Promise<unknown>): Promise<void> {
    this.#pending.add(promise);
    await promise;
    this.#pending.delete(promise);
  }
}

export interface ClaimedTask {
  /** Its command is about to be started. */
  readonly begin: () => void;
  /** It is not. */
  readonly leave: () => void;
}

/** Tries until the disk accepts it. Null if the folder of the run is gone. */
async function insist<Made>(name: string, act: () => Made): Promise<Made | null> {
  let missing = 0;
  for (let pause = FIRST_PAUSE, told = false; ; pause = grown(pause)) {
    try {
      return act();
    } catch (error) {
      const isMissing = ['ENOENT', 'ESTALE', 'ENOTDIR'].includes(errorCodeOf(error));
      missing = isMissing && !remade() ? missing + 1 : 0;
      if (!told) process.stderr.write(`${now()} ${name} ${CANNOT_WRITE}: ${messageOf(error)}; retrying\n`);
      if (missing >= GONE_AFTER) return null;
      told = true;
    }
    await sleep(pause.ms);
  }
}

/** A task may have removed the folder, of which the supervisor remembers the content. */
function remade(): boolean {
  try {
    return makeFolderQuickly(FOLDER);
  } catch {
    return false;
  }
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;
