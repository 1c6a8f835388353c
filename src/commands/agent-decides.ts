import { join } from 'node:path';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { readTextOrNull } from '../platform/files.ts';
import { reviewFileOf } from '../project/read.ts';
import { parseReview } from '../project/review.ts';
import type { State } from '../project/state.ts';
import { approveExperiment } from './approve.ts';
import { rejectExperiment } from './reject.ts';
import type { CommandResult } from './result.ts';

/** An agent that may decide leaves its verdict in the file of the stage; the command of a reviewer makes it count. */

export const AGENT_NAME = 'agent';

/** Relative to the project; null if the stage is no decision. */
export function verdictFileAt({ stage, iteration_id: id }: Pick<State, 'stage' | 'iteration_id'>): string | null {
  return stage === 'implementation_review' ? reviewFileOf(id) : null;
}

/** What the file says before the agent begins: a verdict is something new. */
export function verdictBefore(root: string, state: State): string | null {
  const file = verdictFileAt(state);
  return file === null ? null : readTextOrNull(join(root, file));
}

/** Returns null if there is a new verdict. */
export function noVerdict(root: string, state: State, before: string | null): Failure | null {
  const file = verdictFileAt(state);
  if (file === null || readTextOrNull(join(root, file)) !== before) return null;
  return failureOf('agent.not_done', { message: `The agent left no verdict in ${file}.`, problems: [] });
}

/** The checks are autolab's all the same, and so are the digests. */
export function applyVerdict(root: string, state: State, log: string, emit: Emit): Promise<CommandResult> {
  const review = parseReview(readTextOrNull(join(root, reviewFileOf(state.iteration_id))) ?? '', '').value;
  if (review?.status === 'pass') return approveExperiment(root, { by: AGENT_NAME, note: log }, emit);
  const findings = (review?.blocking_findings ?? []).join('; ');
  const note = findings === '' ? `no findings are named; see ${log}` : findings;
  const result = rejectExperiment(root, { by: AGENT_NAME, note });
  // Nothing limits how often it could be sent back and forth: the next round is for a new call.
  const again = 'Once that is fixed, or for the agent to fix it: autolab run';
  const rejected = { ...result, outcome: 'needs_retry', attempt_counted: false, hint: again } as const;
  return Promise.resolve(result.outcome === 'ok' ? rejected : result);
}
