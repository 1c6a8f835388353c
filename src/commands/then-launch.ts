import { failureOf } from '../errors/failure.ts';
import type { LaunchEvent } from '../events/events.ts';
import { type CommandResult, resultOfFailure, stageKeys } from './result.ts';
import type { ProjectRoot } from './verb.ts';
import { launch, type WaitOptions } from './verbs/launch.ts';

/** What was made is approved, by whoever asked for it, and launched. */

interface Signed {
  readonly by: string;
  readonly note: string | null;
}

/** `made`: of `new` or `rerun`. Its result is that of what came last. */
export async function approveAndLaunch(
  place: ProjectRoot,
  made: CommandResult,
  { by, note }: Signed,
  wait: WaitOptions,
  emit: (event: LaunchEvent) => unknown,
): Promise<CommandResult> {
  const { command, stage_after: stage, experiment_id, iteration_id } = made;
  if (stage === 'implementation_review') {
    const { approveExperiment } = await import('./approve.ts');
    const approved = await approveExperiment(place.root, { by, note }, emit);
    if (approved.outcome !== 'ok') return { ...approved, command };
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
