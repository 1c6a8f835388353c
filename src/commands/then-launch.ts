import { failureOf } from '../errors/failure.ts';
import type { LaunchEvent } from '../events/events.ts';
import { sentences } from '../platform/sentence.ts';
import { type CommandResult, resultOfFailure, stageKeys } from './result.ts';
import type { ProjectRoot } from './verb.ts';
import { launch, type WaitOptions } from './verbs/launch.ts';

/** What was made is approved, by whoever asked for it, and launched. */

interface Signed {
  readonly by: string;
  readonly note: string | null;
  /** A key file to sign the approval with; null for git's, else the agent's. */
  readonly key: string | null;
}

/** `made`: of `new` or `rerun`. Its result is that of what came last. */
export async function approveAndLaunch(
  place: ProjectRoot,
  made: CommandResult,
  { by, note, key }: Signed,
  wait: WaitOptions,
  emit: (event: LaunchEvent) => unknown,
): Promise<CommandResult> {
  const { command, stage_after: stage, experiment_id, iteration_id } = made;
  if (stage === 'implementation_review') {
    const { approveExperiment } = await import('./approve.ts');
    const approved = await approveExperiment(place.root, { by, note, key }, emit);
    if (approved.outcome !== 'ok') return { ...notApproved(made, approved), command };
  } else if (stage !== 'launch')
    return resultOfFailure(
      command,
      failureOf('state.wrong_stage', {
        message: `The experiment ${experiment_id ?? ''} is at the stage \`${stage ?? ''}\`, not at \`launch\`.`,
        hint: 'What comes next: autolab next',
      }),
      {
        experiment_id,
        iteration_id,
        ...stageKeys(
          { stage: stage ?? '' },
          { stage: stage ?? '', stage_attempt: made.stage_attempt ?? 0, max_stage_attempts: made.max_stage_attempts },
        ),
      },
    );
  return { ...(await launch.perform(place, wait, emit)), command };
}

/** A refusal says that nothing was written: here the experiment was made, and waits for its approval. */
function notApproved({ details, experiment_id }: CommandResult, approved: CommandResult): CommandResult {
  const { created } = details;
  if (approved.outcome !== 'refused' || !Array.isArray(created) || created.length === 0) return approved;
  return {
    ...approved,
    outcome: 'needs_retry',
    message: sentences(`The experiment ${experiment_id ?? ''} was made, and waits for its approval.`, approved.message),
    hint: sentences(approved.hint, 'Then: autolab launch'),
    details: { ...approved.details, created },
  };
}
