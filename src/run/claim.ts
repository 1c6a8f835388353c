import { dirname, join } from 'node:path';
import {
  createExclusive,
  exists,
  leadsOutside,
  listNames,
  lstatOrNull,
  readTail,
  readTextOrNull,
  realPathOr,
  removeDurably,
  writeFileAtomic,
} from '../platform/files.ts';
import type { HostIdentity } from '../platform/host.ts';
import { inodeOf } from '../platform/inode.ts';
import { checkPathId, checkRunId } from '../project/ids.ts';
import { canonicalFile } from '../records/canonical.ts';
import { tailIsClosed } from '../records/journal.ts';
import { CLAIM, runPaths } from '../records/paths.ts';
import type { PositionData } from '../records/run-data.ts';
import { readAbandoned } from './abandoned.ts';

/** The claim: one active run per project, from the first write to the close. It outlives every process. */

export interface Claim extends HostIdentity {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly experiment_id: string;
  readonly token: string;
  readonly claimed_at: string;
  readonly position: PositionData;
  /** Set once the journal has its first line: from then on a journal that is missing was lost, and proves nothing. */
  readonly opened?: boolean;
  /** The launch takes over tasks of an earlier run; left out if not. */
  readonly failed_only?: true;
  /** The project's folder, without links. Left out by older versions. */
  readonly project?: string;
}

/** A run that has no `run.closed` yet, or whose close was not finished. */
export interface ActiveRun {
  readonly iterationId: string;
  readonly runId: string;
  /** Null if the claim was deleted, and only the run's open journal shows it. */
  readonly claim: Claim | null;
}

export function makeClaim(root: string, claim: Claim): boolean {
  return createExclusive(join(root, CLAIM), canonicalFile(claim));
}

/** Notes in the claim that the run's journal was begun. Harmless to repeat. */
export function noteOpened(root: string, runId: string): void {
  const claim = readClaim(root);
  if (claim?.run_id !== runId || claim.opened === true) return;
  writeFileAtomic(join(root, CLAIM), canonicalFile({ ...claim, opened: true }));
}

/** Removes the run's own claim, or a damaged one; that of a run that was claimed meanwhile stays. */
export function clearClaim(root: string, runId: string): void {
  if (claimStands(root, runId)) removeDurably(join(root, CLAIM));
}

/** There is a claim, and it is not another run's. */
export function claimStands(root: string, runId: string): boolean {
  const claim = readClaim(root);
  return hasClaimFile(root) && (claim === null || claim.run_id === runId);
}

/** The claim; null if there is none or it is corrupt: then the journals, which are searched, decide. */
export function readClaim(root: string): Claim | null {
  return parseClaim(readTextOrNull(join(root, CLAIM)) ?? '');
}

/** The claim came here with a copy of the project, and is still in the original. */
export function claimIsCopied(root: string, { project, token }: Claim): boolean {
  if (project === undefined || inodeOf(dirname(join(project, CLAIM))) === inodeOf(dirname(join(root, CLAIM))))
    return false;
  return readClaim(project)?.token === token;
}

/** There is a claim file that autolab did not write: its own are complete or absent. */
export function claimIsDamaged(root: string): boolean {
  const text = readTextOrNull(join(root, CLAIM));
  return text !== null && parseClaim(text) === null;
}

function parseClaim(text: string): Claim | null {
  try {
    const value = JSON.parse(text) as Claim | null;
    const valid =
      value !== null &&
      typeof value === 'object' &&
      typeof value.run_id === 'string' &&
      // They become a path.
      checkRunId(value.run_id) === null &&
      typeof value.iteration_id === 'string' &&
      checkPathId(value.iteration_id) === null &&
      typeof value.position === 'object' &&
      (value.position as unknown) !== null;
    return valid ? value : null;
  } catch {
    return null;
  }
}

export function hasClaimFile(root: string): boolean {
  return exists(join(root, CLAIM));
}

/** Every run of the project, newest name last. */
export function listRuns(root: string): readonly { readonly iterationId: string; readonly runId: string }[] {
  const experiments = join(root, 'experiments');
  if (leadsOutside(root, experiments) !== null) return [];
  return listNames(experiments).flatMap((iterationId) =>
    listNames(join(experiments, iterationId, 'runs')).map((runId) => ({ iterationId, runId })),
  );
}

/** Where the journal of a run is, by its first line: a user can rename folders. Relative to the root. */
export function foldersOfRun(root: string, runId: string): readonly string[] {
  return listRuns(root)
    .map((run) => runPaths(root, run.iterationId, run.runId))
    .filter(({ journal }) => firstLineOf(journal).includes(`"run_id":"${runId}"`))
    .map(({ relative }) => relative);
}

function firstLineOf(path: string): string {
  const isFile = lstatOrNull(realPathOr(path))?.isFile() === true;
  return isFile ? ((readTextOrNull(path) ?? '').split('\n', 1)[0] ?? '') : '';
}

/** Runs whose journal has no `run.closed`: deleting the claim (`git clean`) does not end a run. */
function openRuns(root: string): readonly { readonly iterationId: string; readonly runId: string }[] {
  return listRuns(root).filter(({ iterationId, runId }) => {
    const paths = runPaths(root, iterationId, runId);
    const { journal } = paths;
    // Something else in its place proves only that there was a run.
    if (lstatOrNull(realPathOr(journal))?.isFile() === false) return readAbandoned(paths, runId) === null;
    const tail = readTail(journal, 4096);
    if (tail === null || tailIsClosed(tail)) return false;
    if (readAbandoned(paths, runId) !== null) return false;
    // Without one whole line nothing was started: only the claim shows such a run.
    return tail.includes('\n') || (readTextOrNull(journal) ?? '').includes('\n');
  });
}

/** The ids of all runs that may not be over. */
export function openRunIds(root: string): ReadonlySet<string> {
  const claim = readClaim(root);
  return new Set([...openRuns(root).map(({ runId }) => runId), ...(claim === null ? [] : [claim.run_id])]);
}

export type ActiveLookup =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly run: ActiveRun }
  | { readonly kind: 'several'; readonly runs: readonly ActiveRun[] };

/** The active run: that of the claim, else that whose journal is open. */
export function findActive(root: string): ActiveLookup {
  const claim = readClaim(root);
  if (claim !== null) return { kind: 'one', run: { iterationId: claim.iteration_id, runId: claim.run_id, claim } };
  const open = openRuns(root).map((run) => ({ ...run, claim: null }));
  const [first, ...others] = open;
  if (first === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', run: first } : { kind: 'several', runs: open };
}
