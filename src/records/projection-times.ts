import type { Manifest, StepRecord } from './manifest-schema.ts';
import { ranBadly } from './projection-sync.ts';
import { ended } from './projection-task.ts';
import type { RunView } from './run-view.ts';

/** When what happened. Pure. */
export function projectTimes(view: RunView): Pick<Manifest, 'started_at' | 'completed_at' | 'timestamps'> {
  const at = view.closed?.at ?? failedAt(view);
  const completed = at === null ? {} : { completed_at: at };
  return {
    started_at: view.openedAt,
    ...completed,
    timestamps: {
      started_at: view.openedAt,
      submitted_at: (view.job ?? view.started)?.at ?? null,
      ended_at: ended(view)?.ended_at ?? null,
      ...completed,
    },
  };
}

/** A run that failed and is not closed yet has failed all the same: other programs expect a time with that status. */
function failedAt(view: RunView): string | null {
  const outcome = ranBadly(view);
  return [...view.steps.values()].find((step) => step.outcome === outcome && outcome !== null)?.ended ?? null;
}

export function projectSteps(view: RunView): StepRecord[] {
  return [...view.steps.values()]
    .filter((step) => step.attempts > 0 || step.outcome !== null)
    .map((step) => ({
      name: step.name,
      status: step.outcome?.status ?? 'running',
      reason: step.outcome?.reason ?? step.outcome?.message ?? null,
      began: step.began,
      ended: step.ended,
      attempts: step.attempts,
    }));
}
