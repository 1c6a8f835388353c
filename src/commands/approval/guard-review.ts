import { type Failure, failureOf } from '../../errors/failure.ts';
import { type Guarded, guardProject } from '../../plan/guard.ts';
import { positionOf } from '../../run/state-file.ts';
import { commandOfStage } from '../../workflow/stages.ts';
import { activeRun } from '../move-stage.ts';
import { type ResultParts, stageKeys } from '../result.ts';
import { guardReviewFiles } from './decide.ts';

/** Where a review can be decided: at its stage, and at the launch while no run is open. */
export function guardReview(root: string): Guarded | Failure {
  const guarded = guardProject(root);
  if (!guarded.ok) return guarded.failure;
  const { state } = guarded.value;
  const { stage } = state;
  const escape = guardReviewFiles(root, state.iteration_id);
  if (escape !== null) return escape;
  const active = activeRun(root);
  if (active !== null) return active;
  if (stage === 'implementation_review' || stage === 'launch') return guarded.value;
  if (stage === 'human_review')
    return failureOf('state.human_review', {
      message: 'All attempts are used up; that is decided before anything is approved.',
    });
  const first = commandOfStage(stage);
  return failureOf('state.wrong_stage', {
    message: `The workflow is at the stage \`${stage}\`; a review is decided at \`implementation_review\`, or at \`launch\`.`,
    hint: first === null ? 'See: autolab next' : `First: ${first}`,
  });
}

export function partsAt({ state, experiment }: Guarded): ResultParts {
  return {
    iteration_id: state.iteration_id,
    experiment_id: experiment.id,
    ...stageKeys(state, positionOf(state)),
  };
}
