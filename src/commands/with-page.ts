import { join } from 'node:path';
import { writeFileIfChanged } from '../platform/files.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import { isPage } from '../records/page-file.ts';
import { claimStands, readClaim } from '../run/claim.ts';
import type { LaunchEnvironment } from '../run/session.ts';
import type { RunName } from './find-run.ts';
import type { CommandResult } from './result.ts';

/** The page of a run, made when the run is closed and its claim is gone. */

/** What the result of a verb has that closes runs. */
export interface PageKey {
  /** The page of the run, relative to the project root; left out if it is open, or if launch.yaml has `report: false`. */
  readonly report?: string;
}

/** Their calls did nothing: the page is not made for them, either. */
const REFUSALS: readonly string[] = ['usage', 'refused', 'conflict', 'internal_error'];

/** Does the work of a verb that drives or ends a run, and makes the page of the run that it closed. Never changes how it ended. */
export async function withPage<Environment extends LaunchEnvironment, Other = never>(
  env: Environment,
  work: (env: Environment) => Promise<CommandResult | Other> | CommandResult | Other,
): Promise<CommandResult | Other> {
  const driven = new Set<string>();
  const claim = claimBefore(env.root);
  if (claim !== null) driven.add(claim);
  const emit: LaunchEnvironment['emit'] = (event) => {
    if (event.type === 'run') driven.add(event.run_id);
    // The run works, and this process waits: what makes the page is loaded meanwhile. If that fails, the page says why.
    if (event.type === 'progress') loadPages().catch(() => undefined);
    env.emit(event);
  };
  const result = await work({ ...env, emit });
  if (!isResult(result) || REFUSALS.includes(result.outcome)) return result;
  const { run_id: runId, iteration_id: iterationId } = result;
  if (runId === null || iterationId === null) return result;
  const page = await pageAfterClose(env, { runId, iterationId }, driven.has(runId));
  return page === null
    ? result
    : { ...result, details: { ...result.details, report: page satisfies PageKey['report'] } };
}

function loadPages() {
  return import('./pages/run-page.ts');
}

function isResult(value: unknown): value is CommandResult {
  return typeof value === 'object' && value !== null && 'outcome' in value && 'details' in value;
}

function claimBefore(root: string): string | null {
  try {
    return readClaim(root)?.run_id ?? null;
  } catch {
    return null;
  }
}

/** Null if the run has no page now. `driven`: by this call; the page of another run is made only if there is none. */
async function pageAfterClose(env: LaunchEnvironment, run: RunName, driven: boolean): Promise<string | null> {
  const { root } = env;
  try {
    if (claimStands(root, run.runId) || readLaunchConfig(root)?.report === false) return null;
    const { pageOfClosed, placeOfPage } = await loadPages();
    const page = pageOfClosed(root, run);
    if (page === null) return null;
    const place = placeOfPage(root, run);
    if (!place.ok) return noPage(env, run, place.failure.message);
    const path = join(root, place.value);
    if (driven || !isPage(path)) writeFileIfChanged(path, page);
    return place.value;
  } catch (error) {
    return noPage(env, run, error instanceof Error ? error.message : String(error));
  }
}

function noPage(env: LaunchEnvironment, { iterationId, runId }: RunName, why: string): null {
  const command = quoteArgv(['autolab', 'report', `${iterationId}/${runId}`]);
  env.emit({
    type: 'note',
    message: `The page of the run was not made: ${why.replace(/[.]$/, '')}. To make it: ${command}`,
  });
  return null;
}
