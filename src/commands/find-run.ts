import { fail, ok, type Result } from '../errors/failure.ts';
import { exists } from '../platform/files.ts';
import { runPaths } from '../records/paths.ts';
import { findActive, listRuns } from '../run/claim.ts';
import { lightState } from '../run/light-state.ts';

/** Which run a command means. */

export interface RunName {
  readonly iterationId: string;
  readonly runId: string;
}

/** `RUN` or `ITERATION/RUN`; without a name the active run, else the last one of the state, else the newest. */
export function findRun(root: string, name: string | null): Result<RunName> {
  if (name === null) return newestRun(root);
  const [iteration, run] = name.includes('/')
    ? [
        name
          .slice(0, name.lastIndexOf('/'))
          .replace(/^experiments\//, '')
          .replace(/\/runs$/, ''),
        name.slice(name.lastIndexOf('/') + 1),
      ]
    : [null, name];
  const matches = listRuns(root).filter(
    (candidate) => candidate.runId === run && (iteration === null || candidate.iterationId === iteration),
  );
  const [first, ...others] = matches;
  if (first === undefined) return fail('run.not_found', { message: `There is no run ${JSON.stringify(name)}.` });
  if (others.length === 0) return ok(first);
  const preferred = matches.find((candidate) => candidate.iterationId === lightState(root)?.iteration_id);
  if (preferred !== undefined) return ok(preferred);
  return fail('run.not_found', {
    message: `Several iterations have a run ${name}: ${matches.map((match) => `${match.iterationId}/${match.runId}`).join(', ')}.`,
    hint: 'Name it as ITERATION/RUN.',
  });
}

function newestRun(root: string): Result<RunName> {
  const active = findActive(root);
  if (active.kind === 'one' && exists(runPaths(root, active.run.iterationId, active.run.runId).folder))
    return ok(active.run);
  const state = lightState(root);
  const runs = listRuns(root);
  const last = runs.find((run) => run.runId === state?.last_run_id && run.iterationId === state.iteration_id);
  const newest = [...runs].sort((a, b) => (a.runId < b.runId ? -1 : 1)).at(-1);
  const chosen = last ?? newest;
  return chosen === undefined
    ? fail('run.not_found', { message: 'There is no run yet.', hint: 'Start one with `autolab launch`.' })
    : ok(chosen);
}
