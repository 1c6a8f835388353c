import { join } from 'node:path';
import { asideIn } from '../agents/home.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { readTextOrNull, writeFileAtomic } from '../platform/files.ts';
import { parseObject, textOrNull } from '../platform/json-object.ts';
import { putAside } from '../platform/kept-copies.ts';
import { reviewFileOf } from '../project/read.ts';
import { parseReview } from '../project/review.ts';
import type { State } from '../project/state.ts';
import { approveExperiment } from './approve.ts';
import { rejectExperiment } from './reject.ts';
import type { CommandResult } from './result.ts';
import { decideResults } from './results/decide.ts';

/** An agent that may decide leaves its verdict in the file of the stage; the command of a reviewer makes it count. */

export const AGENT_NAME = 'agent';

/** Relative to the project; null if the stage is no decision. */
export function verdictFileAt({ stage, iteration_id: id }: Pick<State, 'stage' | 'iteration_id'>): string | null {
  if (stage === 'decide_repeat') return `experiments/${id}/decision_result.json`;
  return stage === 'implementation_review' ? reviewFileOf(id) : null;
}

/** What the file says before the agent begins: a verdict is something new. */
export function verdictBefore(root: string, state: State): string | null {
  const file = verdictFileAt(state);
  return file === null ? null : readTextOrNull(join(root, file));
}

/** A verdict that did not count is put aside: the same words of the next attempt are new again. */
export function withdrawVerdict(
  root: string,
  state: State,
  { before, said, folder }: { readonly before: string | null; readonly said: string | null; readonly folder: string },
): void {
  const file = verdictFileAt(state);
  if (file === null || said === before || readTextOrNull(join(root, file)) !== said) return;
  if (said !== null) putAside(join(root, file), asideIn(folder, file));
  if (before !== null) writeFileAtomic(join(root, file), before);
}

/** Returns null if there is a new verdict. */
export function noVerdict(root: string, state: State, before: string | null): Failure | null {
  const file = verdictFileAt(state);
  if (file === null || readTextOrNull(join(root, file)) !== before) return null;
  return failureOf('agent.not_done', { message: `The agent left no verdict in ${file}.`, problems: [] });
}

const SHAPES: Readonly<Record<string, string>> = {
  implementation_review: '{"status": "pass" or "needs_retry", "blocking_findings": ["TEXT", ...]}',
  decide_repeat: '{"decision": "repeat", "next" or "stop", "note": "TEXT"}',
};

/** The page of the stage is for whoever types the command; an agent leaves a file. */
export function howToDecide(state: State): string {
  const file = verdictFileAt(state);
  if (file === null) return '';
  return `\n## How you decide\n\nDo not run the commands above: write ${file} anew, one JSON object: ${SHAPES[state.stage] ?? ''}. autolab runs the command that makes it count.\n`;
}

/** The command's own checks and digests hold all the same. After a decision that begins another round, the call ends. */
export async function applyVerdict(
  root: string,
  state: State,
  log: string,
  emit: Emit,
): Promise<{ readonly result: CommandResult; readonly ends: boolean }> {
  if (state.stage === 'decide_repeat') return applyDecision(root, state, log);
  const review = parseReview(readTextOrNull(join(root, reviewFileOf(state.iteration_id))) ?? '', '').value;
  if (review?.status === 'pass')
    return { result: await approveExperiment(root, { by: AGENT_NAME, note: log }, emit), ends: false };
  const findings = (review?.blocking_findings ?? []).join('; ');
  const note = findings === '' ? `no findings are named; see ${log}` : findings;
  const result = rejectExperiment(root, { by: AGENT_NAME, note });
  // Nothing limits how often it could be sent back and forth: the next round is for a new call.
  const again = 'Once that is fixed, or for the agent to fix it: autolab run';
  const rejected = { ...result, outcome: 'needs_retry', attempt_counted: false, hint: again } as const;
  return { result: result.outcome === 'ok' ? rejected : result, ends: true };
}

function applyDecision(root: string, state: State, log: string): { result: CommandResult; ends: boolean } {
  const said = parseObject(readTextOrNull(join(root, verdictFileAt(state) ?? '')));
  const decision = (['repeat', 'next', 'stop'] as const).find((one) => one === said?.['decision']) ?? 'stop';
  const note = textOrNull(said?.['note'])?.trim() ?? '';
  const options = {
    decision,
    by: AGENT_NAME,
    note: note === '' ? `see ${log}` : note,
    at: 'launch',
    id: null,
  } as const;
  return { result: decideResults(root, options), ends: decision !== 'stop' };
}
