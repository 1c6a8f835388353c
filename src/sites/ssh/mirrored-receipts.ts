import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { listNames, makeFolder, readTextOrNull, sizeOf } from '../../platform/files.ts';
import { parseObject } from '../../platform/json-object.ts';
import { mirrorFile } from '../../platform/mirror-file.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import { receiptNameOf, RECEIPTS_FOLDER, taskPaths } from '../../records/tasks/task-files.ts';
import { readTaskExit } from '../../run/tasks/look.ts';
import {
  type FarReceipts,
  type KnownReceipts,
  knownReceipts,
  type ReceiptsOrder,
} from '../../transports/far-receipts.ts';

/** The receipts of a run's tasks, as far as they are here: a look brings the others. */

/** One look a second, as here; with very many tasks fewer, because each lists them all. */
const CALM_SECONDS = 1;
const TASKS_A_SECOND = 20_000;
/** How often the end of one is waited for; what is never whole is no receipt. */
const MOST_TRIES = 10;

export interface MirroredReceipts {
  readonly order: () => ReceiptsOrder;
  /** Returns whether more is there that can be brought at once. */
  readonly keep: (news: FarReceipts) => boolean;
}

/** Null if the run has one task. `here`: the run's folder here. */
export function mirroredReceipts(
  here: RunPaths,
  tasks: Pick<TasksOrder, 'count'> | undefined,
): MirroredReceipts | null {
  return tasks === undefined ? null : new ReceiptsHere(taskPaths(here).receipts, tasks.count);
}

class ReceiptsHere implements MirroredReceipts {
  readonly #folder: string;
  readonly #count: number;
  #stamp = '';
  /** Names of those that are here and not empty; null before the first look. */
  #whole: Set<string> | null = null;
  /** How often each was brought before it was whole. */
  readonly #tries = new Map<string, number>();

  constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#count = count;
  }

  order(): ReceiptsOrder {
    this.#whole ??= new Set(listNames(this.#folder).filter((name) => sizeOf(join(this.#folder, name)) > 0));
    const calmSeconds = CALM_SECONDS + Math.floor(this.#count / TASKS_A_SECOND);
    const known = knownReceipts(knownOf(this.#whole, (index) => readTaskExit(this.#folder, index)?.attempt ?? null));
    return { folder: RECEIPTS_FOLDER, stamp: this.#stamp, calmSeconds, known };
  }

  keep({ stamp, texts, more }: FarReceipts): boolean {
    // A worker gives a receipt its name first, and its line a moment later, which does not change the folder.
    this.#stamp = this.#areWhole(texts) ? stamp : '';
    if (texts.size === 0) return false;
    makeFolder(this.#folder);
    let fresh = 0;
    // Claims before ends: who looks meanwhile sees no end of what nobody began.
    for (const [name, line] of [...texts].sort(([left], [right]) => rank(left) - rank(right))) {
      if ((receiptNameOf(name)?.index ?? 0) >= this.#count) continue;
      const path = join(this.#folder, name);
      const text = isWhole(line) ? line : '';
      const before = readTextOrNull(path);
      if (before !== text && (text !== '' || before === null)) mirrorFile(path, text);
      crashPoint('mirror.receipt');
      if (before === null) fresh += 1;
      if (text !== '') this.#whole?.add(name);
    }
    return more && fresh > 0;
  }

  /** Whether the next look may wait for other news. */
  #areWhole(texts: FarReceipts['texts']): boolean {
    let all = true;
    for (const [name, text] of texts) {
      if (isWhole(text)) continue;
      const tries = (this.#tries.get(name) ?? 0) + 1;
      this.#tries.set(name, tries);
      all &&= tries > MOST_TRIES;
    }
    return all;
  }
}

function isWhole(text: string): boolean {
  return parseObject(text) !== null;
}

/**
 * An empty one is read again; so are start and end of a task that was claimed once more since: others take their place.
 * `attemptOf`: of the end that is here.
 */
function knownOf(whole: ReadonlySet<string>, attemptOf: (index: number) => number | null): KnownReceipts {
  const kinds = { claim: new Set<number>(), started: new Set<number>(), exit: new Set<number>() };
  const names: string[] = [];
  const attempts = new Map<number, number>();
  for (const name of whole) {
    const said = receiptNameOf(name);
    if (said === null ? name.startsWith('element.') : said.kind === 'claim' && said.attempt > 0) names.push(name);
    if (said === null || said.kind === 'cancel') continue;
    if (said.kind !== 'claim' || said.attempt === 0) kinds[said.kind].add(said.index);
    else attempts.set(said.index, Math.max(said.attempt, attempts.get(said.index) ?? 0));
  }
  for (const [index, attempt] of attempts) {
    if (attemptOf(index) === attempt) continue;
    kinds.started.delete(index);
    kinds.exit.delete(index);
  }
  const { claim, started, exit } = kinds;
  return { claims: ascending(claim), started: ascending(started), exits: ascending(exit), names };
}

function rank(name: string): number {
  const kind = receiptNameOf(name)?.kind;
  return kind === 'claim' ? 0 : kind === 'started' ? 1 : 2;
}

function ascending(numbers: ReadonlySet<number>): readonly number[] {
  return [...numbers].sort((left, right) => left - right);
}
