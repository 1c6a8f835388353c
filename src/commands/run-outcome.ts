import { failureOf } from '../errors/failure.ts';
import { executorOf } from '../executors/table.ts';
import { lastLineOf } from '../platform/terminal/last-line.ts';
import { now } from '../platform/time.ts';
import type { RunPaths } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';
import { findActive } from '../run/claim.ts';
import { lightState } from '../run/light-state.ts';
import { peekRun } from '../run/session.ts';
import { tasksNow } from '../run/tasks/look.ts';
import { findRun, type RunName } from './find-run.ts';
import { severalOpen } from './launch-refusals.ts';
import { type CommandResult, resultOfFailure, stageKeys } from './result.ts';
import { partsOfRun, resultOfClosed } from './run-result.ts';
import { driverOf, partsOfState, secondsSinceStart } from './status.ts';

/** What came of a run, or that it is still open. Reads records of this host alone, so it can be asked every second. */

const COMMAND = 'outcome';

export function outcomeOf(root: string, name: string | null): CommandResult {
  const active = findActive(root);
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  const activeRun = active.kind === 'one' ? active.run : null;
  if (name === null && activeRun === null) return noneActive(root);
  const found = name === null ? null : findRun(root, name);
  if (found?.ok === false) return resultOfFailure(COMMAND, found.failure);
  const run = found?.value ?? activeRun;
  if (run === null) return noneActive(root);
  return outcomeOfRun(root, run, run.runId === activeRun?.runId && run.iterationId === activeRun.iterationId);
}

function outcomeOfRun(root: string, run: RunName, isActive: boolean): CommandResult {
  const peek = peekRun(root, run);
  const ids = { run_id: run.runId, iteration_id: run.iterationId };
  if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure, ids);
  if (peek.kind === 'unopened') {
    const message = `The run ${run.runId} has no journal${isActive ? ' yet: it is claimed' : ''}.`;
    const details = { step: isActive ? 'claim' : null, driver: driverOf(root), elapsed_seconds: null, last_line: null };
    return resultOfFailure(COMMAND, failureOf(isActive ? 'run.still_going' : 'run.not_found', { message }), {
      ...ids,
      details,
    });
  }
  // With the claim, the last writes of the close are not finished.
  if (peek.view.closed !== null && !isActive) return resultOfClosed(COMMAND, peek.view);
  return openRunResult(root, peek.view, peek.paths);
}

function openRunResult(root: string, view: RunView, paths: RunPaths): CommandResult {
  const step = [...view.steps.values()].find((candidate) => candidate.pending)?.name ?? null;
  const driver = driverOf(root);
  const at = step === null ? 'between two steps' : `at the step ${step}`;
  const driven = driver === 'nobody' ? 'no driver is running' : `driven by process ${driver.pid} on ${driver.host}`;
  return resultOfFailure(
    COMMAND,
    failureOf('run.still_going', { message: `The run ${view.opened.run_id} is open: ${at}; ${driven}.` }),
    {
      ...partsOfRun(view),
      details: {
        step,
        driver,
        elapsed_seconds: secondsSinceStart(view, now()),
        last_line: lastLineOf(executorOf(view.opened).logs(view, paths).stdout),
        tasks: view.opened.tasks === undefined ? null : tasksNow(paths, view.opened.tasks),
      },
    },
  );
}

function noneActive(root: string): CommandResult {
  const state = lightState(root);
  const message = `No run is active${state === null ? '' : `; the workflow is at ${state.stage}`}.`;
  return resultOfFailure(COMMAND, failureOf('run.none_active', { message }), {
    ...(state === null ? {} : { ...partsOfState(state), ...stageKeys(state, state) }),
    details: { step: null, driver: 'nobody', elapsed_seconds: null, last_line: null },
  });
}
