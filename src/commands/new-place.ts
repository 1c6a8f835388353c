import { join } from 'node:path';
import { hasErrors } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardPlace } from '../plan/guard.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { createExclusive, lstatOrNull, makeFolder, readTextOrNull, writeFileIfChanged } from '../platform/files.ts';
import { quotePosix } from '../platform/quoting.ts';
import { type Backlog, BACKLOG_FILE, type Experiment, isClosed } from '../project/backlog.ts';
import { addToBacklog, type NewExperimentEntry, type NewHypothesisEntry } from '../project/backlog-add.ts';
import { designFileOf, readGuardDocuments } from '../project/read.ts';
import { BACKLOG } from '../records/paths.ts';
import { findActive, listRuns } from '../run/claim.ts';
import { leaseHolder } from '../run/lease.ts';
import type { NewCopy } from './new-list.ts';

/**
 * The files of a new experiment. Nothing is overwritten: what an interrupted call left is continued if it is what this
 * call would write, and refused otherwise.
 */
export interface NewFiles {
  readonly id: string;
  readonly designText: string;
  readonly entry: NewExperimentEntry;
  readonly hypothesis: NewHypothesisEntry | null;
  /** The user's list of tasks, if it is outside of the project. */
  readonly copy: NewCopy | null;
}

/** Why the experiment cannot be made; null if its place is free, or has what this call would write. */
export function placeTaken(root: string, backlog: Backlog, files: NewFiles): Failure | null {
  return entryTaken(root, backlog, files) ?? designTaken(root, backlog, files) ?? copyTaken(root, files);
}

/** The same for a caller without the lease: whoever holds it may be between its two writes, which placeFiles judges. */
export function placeTakenNow(root: string, backlog: Backlog, files: NewFiles): Failure | null {
  const obstacle = placeTaken(root, backlog, files);
  if (obstacle === null || entryTaken(root, backlog, files) !== null) return obstacle;
  if (leaseHolder(root) !== null) return null;
  // It may have ended since the backlog was read.
  const again = readGuardDocuments(root);
  return again.ok ? placeTaken(root, again.value.backlog, files) : again.failure;
}

function entryTaken(root: string, backlog: Backlog, files: NewFiles): Failure | null {
  const { id, entry } = files;
  const file = designFileOf(id);
  const escape = guardPlace(root, file) ?? guardPlace(root, BACKLOG);
  if (escape !== null) return escape;
  const listed = backlog.experiments.filter((one) => one.id === id || (one.iteration_id ?? one.id) === id);
  const [mine, ...others] = listed;
  if (mine !== undefined && isClosed(mine.status))
    return taken(
      id,
      `the backlog has ${nameIn(mine.id, id)} as ${JSON.stringify(mine.status)}`,
      `Choose another id, or open it again: autolab backlog reopen ${quotePosix(mine.id)} --by WHO --note TEXT`,
    );
  if (mine !== undefined && (others.length > 0 || !isSame(mine, entry)))
    return taken(id, `${BACKLOG} has ${nameIn(mine.id, id)} already`, orFocus(mine.id));
  return runTaken(root, id);
}

function isSame(listed: Experiment, { id, hypothesis_id }: NewExperimentEntry): boolean {
  return listed.id === id && (listed.iteration_id ?? id) === id && listed.hypothesis_id === (hypothesis_id ?? null);
}

function runTaken(root: string, id: string): Failure | null {
  const active = findActive(root);
  const runs = listRuns(root).filter(({ iterationId }) => iterationId === id);
  const ended = runs.find(({ runId }) => active.kind !== 'one' || active.run.runId !== runId);
  if (ended !== undefined)
    return taken(
      id,
      `it has run already (${ended.runId})`,
      'To run it again: autolab rerun --by WHO. To vary it: autolab rerun --set KEY=VALUE --by WHO',
    );
  return null;
}

function copyTaken(root: string, { id, copy }: NewFiles): Failure | null {
  if (copy === null || lstatOrNull(join(root, copy.path)) === null) return null;
  if (readTextOrNull(join(root, copy.path)) === copy.text) return null;
  return taken(
    id,
    `${copy.path} is there already, and says something else`,
    `Choose another id, or name that file: --list ${quotePosix(copy.path)}`,
  );
}

function designTaken(root: string, backlog: Backlog, { id, designText }: NewFiles): Failure | null {
  const file = designFileOf(id);
  const stats = lstatOrNull(join(root, file));
  if (stats === null) return null;
  if (!stats.isFile())
    return taken(
      id,
      `${file} is there, and is no file`,
      `Move it away: mv ${quotePosix(file)} ${quotePosix(`${file}.away`)}`,
    );
  const there = readTextOrNull(join(root, file));
  if (there === designText) return null;
  const isListed = backlog.experiments.some((one) => one.id === id);
  if (isListed && there !== null && hasNoCommand(there, file))
    return taken(
      id,
      `${file} is there already, without a command`,
      `Write \`entrypoint\` into ${file}, then: autolab focus ${quotePosix(id)}; autolab advance`,
    );
  const hint = isListed
    ? orFocus(id)
    : `Choose another id. If an interrupted \`autolab new\` left it: rm ${quotePosix(file)}`;
  return taken(id, `${file} is there already, and says something else`, hint);
}

function hasNoCommand(text: string, file: string): boolean {
  const { value, problems } = yamlDocument(text, file);
  return !hasErrors(problems) && value !== undefined && (value['entrypoint'] ?? null) === null;
}

function orFocus(id: string): string {
  return `Choose another id, or make that experiment the current one: autolab focus ${quotePosix(id)}`;
}

function nameIn(listed: string, id: string): string {
  return listed === id ? 'this id' : `the experiment ${listed} with this iteration`;
}

function taken(id: string, why: string, hint?: string): Failure {
  return failureOf('experiment.exists', {
    message: `The experiment ${id} cannot be made: ${why}.`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Whether everything is there. */
export function isPlaced(root: string, backlog: Backlog, { id, designText, copy }: NewFiles): boolean {
  return (
    backlog.experiments.some((one) => one.id === id) &&
    readTextOrNull(join(root, designFileOf(id))) === designText &&
    (copy === null || lstatOrNull(join(root, copy.path)) !== null)
  );
}

/** Writes what is not there yet: the design, then the backlog. The caller holds the lease. */
export function placeFiles(root: string, files: NewFiles): Failure | null {
  // Read again: another terminal may have added its experiment since.
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents.failure;
  const { backlog, backlogText } = documents.value;
  const obstacle = placeTaken(root, backlog, files);
  if (obstacle !== null) return obstacle;
  const { id, designText, entry, hypothesis, copy } = files;
  const known = hypothesis === null || backlog.hypotheses.some((one) => one.id === hypothesis.id);
  const isListed = backlog.experiments.some((one) => one.id === id);
  const added = isListed ? { text: backlogText } : addToBacklog(backlogText, entry, known ? null : hypothesis);
  if (!('text' in added))
    return failureOf('backlog.invalid', { message: `${BACKLOG_FILE}: ${added.message}.`, problems: [added] });
  makeFolder(join(root, 'experiments', id));
  if (copy !== null) createExclusive(join(root, copy.path), copy.text);
  createExclusive(join(root, designFileOf(id)), designText);
  crashPoint('new.design_written');
  writeFileIfChanged(join(root, BACKLOG), added.text);
  crashPoint('new.backlog_written');
  return null;
}
