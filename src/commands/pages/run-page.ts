import { join } from 'node:path';
import { fail, failureOf, ok, type Result } from '../../errors/failure.ts';
import { guardPlace } from '../../plan/guard.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { isFree, OPEN_PAGE, pageName, sumsAt } from '../../records/page-file.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { renderProjectPage } from '../../report/page/project-page.ts';
import { renderRunPage } from '../../report/page/run-page.ts';
import { readRecord } from '../../report/read-record.ts';
import { claimStands } from '../../run/claim.ts';
import { peekRun } from '../../run/session.ts';
import type { RunName } from '../find-run.ts';
import { projectRuns } from './project-rows.ts';

const PROJECT_PAGE = 'experiments/report.html';

/** The page of a run, from its record. */
export function pageOfRun(root: string, run: RunName): Result<string> {
  const peek = peekRun(root, run);
  if (peek.kind === 'corrupt') return { ok: false, failure: peek.failure };
  if (peek.kind === 'run') return ok(renderRunPage(readRecord(peek.view, peek.paths)));
  const message = `The run ${run.runId} has no journal yet.`;
  return { ok: false, failure: failureOf('run.not_found', { message }) };
}

/** The same for a run that is over; null for any other. */
export function pageOfClosed(root: string, run: RunName): string | null {
  const peek = peekRun(root, run);
  if (peek.kind !== 'run' || peek.view.closed === null) return null;
  return renderRunPage(readRecord(peek.view, peek.paths));
}

/** The page of all runs; fails if there is none. */
export function pageOfProject(root: string): Result<string> {
  const runs = projectRuns(root);
  return runs.length === 0
    ? fail('run.not_found', { message: 'There is no run yet.', hint: 'Start one: autolab launch' })
    : ok(renderProjectPage(runs));
}

/** Where that page is or goes, relative to the root. */
export function placeOfProjectPage(root: string): Result<string> {
  const failure = guardPlace(root, PROJECT_PAGE);
  if (failure !== null) return { ok: false, failure };
  if (isFree(join(root, PROJECT_PAGE))) return ok(PROJECT_PAGE);
  return fail('report.in_the_way', {
    message: `${PROJECT_PAGE} is there, and autolab did not make it; it was left alone.`,
    hint: `Write the page elsewhere: ${quoteArgv(['autolab', 'report', '--all', '--output', 'FILE'])}`,
  });
}

function placeOfOpenPage(root: string, { relative }: RunPaths): Result<string> {
  const place = `${relative}/${OPEN_PAGE}`;
  const failure = guardPlace(root, place);
  if (failure !== null) return { ok: false, failure };
  if (isFree(join(root, place))) return ok(place);
  return fail('report.in_the_way', { message: `${place} is there, and autolab did not make it; it was left alone.` });
}

/** Where the page of a run is or goes, relative to the root. */
export function placeOfPage(root: string, { iterationId, runId }: RunName): Result<string> {
  const paths = runPaths(root, iterationId, runId);
  if (claimStands(root, runId)) return placeOfOpenPage(root, paths);
  const name = pageName(paths.folder, sumsAt(paths.artifacts));
  if (name !== null) {
    const place = `${paths.relative}/${name}`;
    const failure = guardPlace(root, place);
    return failure === null ? ok(place) : { ok: false, failure };
  }
  const command = quoteArgv(['autolab', 'report', `${iterationId}/${runId}`, '--output', 'FILE']);
  return {
    ok: false,
    failure: failureOf('report.in_the_way', {
      message: `${paths.relative} has files of both names that a page can have, and autolab made neither.`,
      hint: `Write the page elsewhere: ${command}`,
    }),
  };
}
