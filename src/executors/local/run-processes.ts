import { basename, dirname, join } from 'node:path';
import { failureOf } from '../../errors/failure.ts';
import { readDocument } from '../../platform/document.ts';
import { lstatOrNull, realPathOr } from '../../platform/files.ts';
import { inodeOf, type WorkingFolder, workingFolderOf } from '../../platform/inode.ts';
import {
  type CalledProcess,
  calledProcesses,
  processesWithVariable,
  type ProcessFacts,
  processFacts,
  processName,
} from '../../platform/process-tree.ts';
import { checkPathId, checkRunId } from '../../project/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import { parseOrder } from '../../schedulers/local/parse-receipt.ts';
import { ORDER_FILE } from '../../schedulers/local/receipt.ts';
import type { UnrecordedRun } from '../executor.ts';

/** The processes of a run that live on this host, found without the help of its files: an entrypoint can write those. */

const SUPERVISOR_FILE = 'supervisor.js';
const ORDER_BYTES = 1024 * 1024;

export interface LivingProcesses {
  /** By the order that it was given. */
  readonly supervisor: ProcessFacts | null;
  /** What it started, by the run folder in the environment. */
  readonly others: readonly ProcessFacts[];
}

export function livingProcesses(root: string, paths: RunPaths): LivingProcesses {
  const all = calledProcesses();
  const folders = knownFolders(root, paths);
  const receipt = inodeOf(paths.receipt);
  const supervisor = supervisorsAmong(all).find(({ order, folder }) =>
    folder === null || folder.removed ? folders.includes(dirname(dirname(order))) : folder.inode === receipt,
  );
  const others = processesWithVariable('AUTOLAB_RUN_DIR', folders, all)
    .filter(({ value }) => folders.includes(value))
    .map(({ facts }) => facts);
  return { supervisor: supervisor?.facts ?? null, others };
}

/** The run's folder by every name that its processes may know it by: the project may have had another path then. */
export function knownFolders(root: string, paths: RunPaths): readonly string[] {
  const known = [root, realPathOr(root)].map((path) => join(path, paths.relative));
  return [...new Set([...known, ...movedFrom(paths)])];
}

/** The folder as its processes know it, if it was moved since; a folder that still has a journal is another run's. */
function movedFrom(paths: RunPaths): readonly string[] {
  const told = readDocument(join(paths.receipt, ORDER_FILE), ORDER_BYTES);
  const folder = told.kind === 'text' ? parseOrder(told.text)?.run_dir : undefined;
  return folder === undefined || lstatOrNull(join(folder, 'journal.jsonl')) !== null ? [] : [folder];
}

interface LivingSupervisor {
  readonly facts: ProcessFacts;
  /** The path of the order that it was given. */
  readonly order: string;
  /** The run's `receipt/`, its working folder; null until it changes there, or if it may not be seen. */
  readonly folder: WorkingFolder | null;
}

function supervisorsAmong(all: readonly CalledProcess[]): readonly LivingSupervisor[] {
  return all.flatMap(({ pid, words }) => {
    const at = words.findIndex((word) => word.endsWith(SUPERVISOR_FILE) && basename(word) === SUPERVISOR_FILE);
    const order = words[at + 1] ?? '';
    const facts = at < 0 || basename(order) !== ORDER_FILE ? null : processFacts(pid);
    if (facts === null) return [];
    const folder = workingFolderOf(pid);
    return [{ facts, order, folder: folder !== null && basename(folder.path) === 'receipt' ? folder : null }];
  });
}

/**
 * A local run of this project that is alive although its record was removed (`git clean -fdx`), or null: by its supervisor,
 * else by what it started.
 */
export function unrecordedRunOf(root: string): UnrecordedRun | null {
  const all = calledProcesses();
  const experiments = join(realPathOr(root), 'experiments');
  const supervisors = supervisorsAmong(all);
  for (const { facts, folder } of supervisors) {
    if (folder === null || !folder.path.startsWith(`${experiments}/`)) continue;
    // Through the process, which may see other mounts than we do.
    const journal = `/proc/${facts.pid}/cwd/../journal.jsonl`;
    if (folder.removed || lstatOrNull(journal) === null)
      return unrecorded(dirname(folder.path), `its supervisor is process ${facts.pid} here`);
  }
  // The supervisor knows better where its run is: the project may have been moved away.
  const supervised = new Set(supervisors.map(({ order }) => dirname(dirname(order))));
  const known = [...new Set([join(root, 'experiments'), experiments])];
  const beginnings = known.map((folder) => `${folder}/`);
  for (const { facts, value } of processesWithVariable('AUTOLAB_RUN_DIR', beginnings, all)) {
    const below = value.slice(known.find((folder) => value.startsWith(`${folder}/`))?.length);
    if (!supervised.has(value) && hasNoRecord(value) && isRunFolder(below))
      return unrecorded(value, `${processName(facts.pid)} (${facts.pid}) belongs to it`);
  }
  return null;
}

function hasNoRecord(folder: string): boolean {
  return lstatOrNull(join(folder, 'journal.jsonl')) === null;
}

/** `/iter1/runs/r1` */
function isRunFolder(below: string): boolean {
  const [, iterationId = '', runs, runId = '', ...more] = below.split('/');
  return runs === 'runs' && more.length === 0 && checkPathId(iterationId) === null && checkRunId(runId) === null;
}

function unrecorded(folder: string, who: string): UnrecordedRun {
  const runId = basename(folder);
  const failure = failureOf('run.other_active', {
    message: `The run ${runId} is alive, and its record was removed: ${who}.`,
    hint: 'Wait for its end, or end it: autolab cancel --force --by WHO --note WHY',
  });
  return { runId, iterationId: basename(dirname(dirname(folder))), failure };
}

/** Returns what is alive and how to end it, or null if nothing is. */
export function describeLiving(living: LivingProcesses): { readonly who: string; readonly end: string } | null {
  const { supervisor, others } = living;
  const all = supervisor === null ? others : [supervisor, ...others];
  if (all.length === 0) return null;
  const who = all.map(({ pid }) => `${processName(pid)} (${pid})`).join(', ');
  // A supervisor that gets SIGTERM ends what it started.
  const targets = supervisor === null ? others : [supervisor];
  return { who, end: `kill ${targets.map(({ pid }) => String(pid)).join(' ')}` };
}
