import { ended } from '../records/projection-task.ts';
import type { RunView } from '../records/run-view.ts';
import type { TimeSpan } from './charts/time-line.ts';

/** What happened in a run one after another, and for how long. Pure. */

export interface RunTimes {
  readonly spans: readonly TimeSpan[];
  /** What the run is doing since then, if it is open; null after the close. */
  readonly now: { readonly name: string; readonly since: string } | null;
}

type Part = readonly [name: string, kind: TimeSpan['kind'], until: string | null];

export function timesOfRun(view: RunView): RunTimes {
  const spans: TimeSpan[] = [];
  let from = Date.parse(view.openedAt);
  let since = view.openedAt;
  for (const [name, kind, until] of partsOf(view)) {
    if (until === null) return { spans, now: view.closed === null ? { name, since } : null };
    // Hosts have clocks of their own, and Slurm counts whole seconds: no part is shorter than nothing.
    const to = Math.max(from, Date.parse(until));
    spans.push({ name, kind, seconds: (to - from) / 1000 });
    if (to > from) since = until;
    from = to;
  }
  return { spans, now: null };
}

/** A part that a closed run never came to is left out: what comes next takes its time. */
function partsOf(view: RunView): readonly Part[] {
  const { closed } = view;
  const known = [...partsBefore(view), ...partsAfter(view)];
  return closed === null ? known : known.filter(([, , until]) => until !== null);
}

function partsBefore(view: RunView): readonly Part[] {
  const started = view.started?.started_at ?? ended(view)?.started_at ?? null;
  if (view.opened.slurm === null) return [['preparing', 'prepare', started]];
  return [
    ['preparing', 'prepare', view.job?.at ?? null],
    ['queued', 'queue', started],
  ];
}

function partsAfter(view: RunView): readonly Part[] {
  const back = endOf(view, ['sync_artifacts_to_local', 'collect', 'salvage']);
  const isVerified = endOf(view, ['verify_local_artifacts']) !== null;
  const confirmed: readonly Part[] =
    view.opened.slurm === null ? [] : [['confirming', 'wait', endOf(view, ['confirm'])]];
  return [
    ['running', 'run', ended(view)?.ended_at ?? null],
    ...confirmed,
    ['returning', 'return', back],
    [isVerified || view.closed === null ? 'verifying' : 'closing', 'verify', view.closed?.at ?? null],
  ];
}

/** The last end of these steps; a step that was skipped took no time. */
function endOf({ steps }: RunView, names: readonly string[]): string | null {
  const ends = names.flatMap((name) => {
    const step = steps.get(name);
    return step?.ended === null || step === undefined || step.outcome?.status === 'skipped' ? [] : [step.ended];
  });
  return ends.reduce<string | null>((last, at) => (last === null || at > last ? at : last), null);
}
