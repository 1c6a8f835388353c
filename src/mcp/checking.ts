import { failureOf } from '../errors/failure.ts';
import { callResult, type LaunchResult, type NextResult } from '../index.ts';

const BEFORE_APPROVAL = ['hypothesis', 'design', 'implementation', 'implementation_review'];

/** Before the approval a dry run says only that it is too early: what can be told then is what `next` lists. Pure. */
export function checkedEarly(dry: LaunchResult, said: NextResult): LaunchResult {
  const { stage = '', problems, hint, iteration_id, experiment_id, stage_before, stage_after } = said;
  if (said.code !== 'ok' || !BEFORE_APPROVAL.includes(stage)) return dry;
  const isFine = problems.length === 0;
  const after = `The launch checks more, after the approval; the workflow is at ${stage}.`;
  if (isFine)
    return { ...said, command: 'check', message: `Nothing is wrong with the documents so far. ${after}`, plan: null };
  const failure = failureOf('stage.incomplete', {
    message: `Something is wrong; see problems. ${after}`,
    hint,
    problems,
  });
  return {
    ...callResult('check', failure),
    iteration_id,
    experiment_id,
    stage_before,
    stage_after,
    problems,
    plan: null,
  };
}
