import { basename, dirname, join } from 'node:path';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import {
  allProcesses,
  nameOf,
  processesCalled,
  processesWithEnvironment,
  wordsOf,
  type ProcessFacts,
} from '../platform/process-tree.ts';
import type { RunPaths } from '../records/paths.ts';
import { ORDER_FILE } from '../schedulers/local/receipt.ts';

/** The processes of a run that live on this host, found without the help of its files: an entrypoint can write those. */

export interface LivingProcesses {
  /** By the order that it was given. */
  readonly supervisor: ProcessFacts | null;
  /** What it started, by the run folder in the environment. */
  readonly others: readonly ProcessFacts[];
}

export function livingProcesses(root: string, paths: RunPaths): LivingProcesses {
  const all = allProcesses().filter(({ pid }) => pid !== process.pid);
  // The project may have been called by another path then; the folder itself may be gone.
  const folders = [...new Set([root, realPathOr(root)])].map((known) => join(known, paths.relative));
  const supervisors = folders.flatMap((folder) => processesCalled(join(folder, 'receipt', ORDER_FILE), all));
  const others = folders.flatMap((folder) => processesWithEnvironment(`AUTOLAB_RUN_DIR=${folder}`, all));
  return { supervisor: supervisors[0] ?? null, others };
}

export interface UnrecordedRun {
  readonly runId: string;
  /** Of its supervisor. */
  readonly pid: number;
}

/** A local run of this project that goes on although its record was removed (`git clean -fdx`); null where there is none. */
export function unrecordedRun(root: string): UnrecordedRun | null {
  const experiments = [...new Set([root, realPathOr(root)])].map((known) => `${join(known, 'experiments')}/`);
  for (const { pid } of allProcesses()) {
    const order = wordsOf(pid).find(
      (word) => basename(word) === ORDER_FILE && experiments.some((folder) => word.startsWith(folder)),
    );
    if (order === undefined) continue;
    const folder = dirname(dirname(order));
    if (lstatOrNull(join(folder, 'journal.jsonl')) === null) return { runId: basename(folder), pid };
  }
  return null;
}

/** null where nothing lives; otherwise what, and how to end it. */
export function describeLiving(living: LivingProcesses): { readonly who: string; readonly end: string } | null {
  const { supervisor, others } = living;
  const all = supervisor === null ? others : [supervisor, ...others];
  if (all.length === 0) return null;
  const who = all.map(({ pid }) => `${nameOf(pid)} (${String(pid)})`).join(', ');
  // Told to stop, the supervisor ends what it started.
  const targets = supervisor === null ? others : [supervisor];
  return { who, end: `kill ${targets.map(({ pid }) => String(pid)).join(' ')}` };
}
