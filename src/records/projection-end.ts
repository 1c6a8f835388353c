import type { Manifest } from './manifest-schema.ts';
import { broughtBack, failedReturn, ranBadly } from './projection-sync.ts';
import type { RunView } from './run-view.ts';

/** How far the run is, and why it ended. Pure. */
export function projectEnd(view: RunView) {
  const { closed, lastFailure } = view;
  const last = closed ?? lastFailure;
  return {
    status: statusOf(view),
    outcome: closed?.outcome ?? null,
    code: last?.code ?? null,
    message: last?.message ?? null,
    recommendations: [...(closed?.recommendations ?? [])],
  } satisfies Partial<Manifest>;
}

function statusOf(view: RunView): Manifest['status'] {
  if (view.closed !== null) return view.closed.status;
  if (broughtBack(view)?.status === 'done') return 'synced';
  if (ranBadly(view) !== null) return 'failed';
  // The job has ended well, and some of its outputs are not here.
  if (failedReturn(view) !== null) return 'partial';
  if (view.started !== null) return 'running';
  return view.job === null ? 'pending' : 'submitted';
}
