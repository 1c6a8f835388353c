import { join } from 'node:path';
import { CATALOG } from '../../errors/catalog.ts';
import { failureOf } from '../../errors/failure.ts';
import { lstatOrNull } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { isPage, OPEN_PAGE, pageThere, sumsAt } from '../../records/page-file.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { readAbandoned } from '../../run/abandoned.ts';
import { peekRun } from '../../run/session.ts';
import { maybeText } from '../check-options.ts';
import { findRun, type RunName } from '../find-run.ts';
import { nextOfRun } from '../looks/next-of-run.ts';
import { recordOfRun } from '../looks/record-of-run.ts';
import { type ShownRun, shownRun } from '../looks/show-facts.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { partsOfRun } from '../run-result.ts';
import type { Verb } from '../verb.ts';

export type { ShownArtifacts, ShownRun, ShownTasks, ShownVerdict } from '../looks/show-facts.ts';

export interface ShowOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
}

export interface ShowResult extends VerbResult {
  /** Null if nothing of the run was recorded yet. */
  readonly run?: ShownRun | null;
}

/** Reads files of the project alone: it works at any time, also on a copy. */
export const showRun: Verb<ShowOptions> = {
  name: 'show',
  options: { run: maybeText },
  perform: ({ root }, { run: name = null }) => {
    const found = findRun(root, name);
    if (!found.ok) return resultOfFailure('show', found.failure);
    const peek = peekRun(root, found.value);
    if (peek.kind !== 'run') return withoutRecord(root, found.value, peek);
    const facts = { report: reportOf(peek.paths), next_command: nextOfRun(root, peek), at: now() };
    const run = shownRun(recordOfRun(root, peek), facts);
    const { run_id } = peek.view.opened;
    const message = run.verdict === null ? `The run ${run_id} is open.` : `${run_id}: ${run.verdict.message}`;
    const hint = run.next_command === null ? '' : `Continue: ${run.next_command}`;
    return succeed(
      'show',
      { message, hint },
      { ...partsOfRun(peek.view), details: { run } satisfies Partial<ShowResult> },
    );
  },
};

function withoutRecord(
  root: string,
  { iterationId: iteration_id, runId: run_id }: RunName,
  peek: Exclude<ReturnType<typeof peekRun>, { kind: 'run' }>,
): CommandResult {
  const paths = runPaths(root, iteration_id, run_id);
  const parts = { iteration_id, run_id, run_dir: paths.relative, details: { run: null } };
  const abandoned = readAbandoned(paths, run_id);
  if (abandoned !== null) {
    const message = `The run ${run_id} was abandoned by ${abandoned.by} (${abandoned.note}): ${abandoned.problem}`;
    return succeed('show', { message, hint: CATALOG['run.abandoned'].hint }, { ...parts, status: 'failed' });
  }
  if (peek.kind === 'unopened') {
    const message = `The run ${run_id} was begun; nothing has started yet.`;
    return succeed('show', { message, hint: 'Continue: autolab launch' }, { ...parts, status: 'pending' });
  }
  const { code, message, hint } = peek.failure;
  const kept =
    lstatOrNull(paths.manifest)?.isFile() === true
      ? ` ${paths.relative}/run_manifest.json has what was recorded last.`
      : '';
  return resultOfFailure('show', failureOf(code, { message: `${message}${kept}`, hint }), parts);
}

/** The page that autolab made, if it is there. */
function reportOf({ folder, relative, artifacts }: RunPaths): string | null {
  const name = pageThere(folder, sumsAt(artifacts)) ?? (isPage(join(folder, OPEN_PAGE)) ? OPEN_PAGE : null);
  return name === null ? null : `${relative}/${name}`;
}
