import { guardOriginal } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { closedNow } from '../project/closed.ts';
import type { RunView } from '../records/run-view.ts';
import type { ActiveLookup, ActiveRun } from '../run/claim.ts';
import { leaseHolder } from '../run/lease.ts';
import type { LightState } from '../run/light-state.ts';
import { peekRun } from '../run/session.ts';
import type { Choice } from '../workflow/choices.ts';
import type { NextStep } from '../workflow/next-step.ts';
import { ABANDON_RUN, CANCEL_RUN, choicesOfOpenRun, CONTINUE_BEGUN } from '../workflow/open-run.ts';
import { copiedClaim, severalOpen } from './launch-refusals.ts';

/** What to do about a run that is open, from its record. */

type Position = Pick<LightState, 'iteration_id' | 'experiment_id' | 'stage'>;

export function stepOfOpenRun(
  root: string,
  active: Exclude<ActiveLookup, { kind: 'none' }>,
  position: Position,
): NextStep {
  if (active.kind === 'several') {
    const { message, hint } = severalOpen(active.runs);
    return step('reviewer', `${message} ${hint}`, []);
  }
  const peek = peekRun(root, active.run);
  if (peek.kind === 'corrupt') return step('reviewer', peek.failure.message, [ABANDON_RUN]);
  if (peek.kind === 'unopened') return ofClaim(root, active.run);
  return ofRun(root, peek.view, position, executorOf(peek.view.opened).hasEndReceipt(peek.paths));
}

/** The driver died before the first line of its journal. */
function ofClaim(root: string, run: ActiveRun): NextStep {
  const copied = copiedClaim(root, run);
  if (copied !== null)
    return step('reviewer', copied.message, [{ ...CANCEL_RUN, when: 'to forget the run in this copy' }]);
  const message = `The run ${run.runId} was begun, and nothing has started yet.`;
  return step('autolab', message, [CONTINUE_BEGUN, CANCEL_RUN]);
}

function ofRun(root: string, view: RunView, position: Position, ended: boolean): NextStep {
  const copied = view.closed === null ? guardOriginal(root, view) : null;
  const reopen = closedNow(root, { ...position, experiment_id: position.experiment_id ?? '' });
  const driven = isDriven(root);
  const choices = choicesOfOpenRun({
    ...{ copied: copied !== null, driven, reopen: reopen?.command ?? null },
    ...{ stage: position.stage, closed: view.closed !== null, ended },
  });
  if (copied !== null) return step('reviewer', copied.message, choices);
  const what = `The run ${view.opened.run_id} is ${ended ? 'over, and not recorded yet' : 'open'}`;
  if (driven) return step('autolab', `${what}; autolab follows it.`, choices);
  if (reopen !== null) return step('reviewer', `${what}, and its experiment was closed meanwhile.`, choices);
  if (choices[0]?.command.startsWith('autolab review') === true)
    return step('reviewer', `${what}, and its attempts are used up.`, choices);
  return step('autolab', `${what}; no process follows it.`, choices);
}

function isDriven(root: string): boolean {
  const holder = leaseHolder(root);
  return holder !== null && holder.liveness !== 'dead';
}

function step(who: NextStep['who'], message: string, [first, ...alternatives]: readonly Choice[]): NextStep {
  return { message, who, next_command: first?.command ?? null, alternatives, problems: [] };
}
