import { exists } from '../../platform/files.ts';
import { commandParts } from '../../records/command-parts.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { pageThere, sumsAt } from '../../records/page-file.ts';
import { runPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import { queueTimes } from '../../records/queue-times.ts';
import type { ProjectRun } from '../../report/page/project-page.ts';
import { verdictOfManifest } from '../../report/page/verdict.ts';
import { readAbandoned } from '../../run/abandoned.ts';
import { listRuns } from '../../run/claim.ts';
import { peekRun } from '../../run/session.ts';
import type { RunName } from '../find-run.ts';
import { type MetricsOfRun, metricsReader } from '../runs/metrics.ts';

/** The runs of a project as its page has them: from their records, without the time of day. */
export function projectRuns(root: string): readonly ProjectRun[] {
  const metricsOf = metricsReader();
  return listRuns(root)
    .filter((run) => exists(runPaths(root, run.iterationId, run.runId).folder))
    .map((run) => projectRun(root, run, metricsOf));
}

function projectRun(root: string, run: RunName, metricsOf: MetricsOfRun): ProjectRun {
  const paths = runPaths(root, run.iterationId, run.runId);
  const page = pageLink(root, run);
  const peek = peekRun(root, run);
  if (peek.kind !== 'run') {
    const isAbandoned = readAbandoned(paths, run.runId) !== null;
    const word = isAbandoned ? 'Abandoned' : peek.kind === 'corrupt' ? 'Unreadable' : 'Not started';
    return { ...NOTHING, iteration_id: run.iterationId, run_id: run.runId, verdict: { tone: 'warn', word }, page };
  }
  const { view } = peek;
  const manifest = projectManifest(view);
  const { requested, used } = manifest.usage;
  const isOver = view.closed !== null;
  return {
    iteration_id: run.iterationId,
    run_id: run.runId,
    started_at: manifest.timestamps.started_at,
    verdict: verdictOfManifest(manifest),
    code: manifest.code,
    tasks: tasksIn(manifest),
    metric: metricsOf({ root, paths, manifest }).metric,
    seconds: isOver ? queueTimes(view, view.closed.at).running_seconds : null,
    most_seconds: requested.time_seconds,
    // A run that was over before the first sample.
    memory_bytes: used.max_rss_bytes === 0 ? null : used.max_rss_bytes,
    most_memory_bytes: requested.memory_mb === null ? null : requested.memory_mb * 1024 * 1024,
    arguments: commandParts(view.opened).arguments,
    commit: manifest.commit.sha,
    dirty: manifest.commit.dirty === true,
    page,
  };
}

const NOTHING = {
  started_at: null,
  code: null,
  tasks: null,
  metric: null,
  seconds: null,
  most_seconds: null,
  memory_bytes: null,
  most_memory_bytes: null,
  arguments: new Map<string, string>(),
  commit: null,
  dirty: false,
};

function tasksIn({ tasks }: Manifest): ProjectRun['tasks'] {
  if (tasks?.result === undefined || tasks.result === null) return null;
  return { completed: tasks.result.by_state['completed'] ?? 0, count: tasks.count };
}

/** From `experiments/`; null if the run has no page. */
function pageLink(root: string, { iterationId, runId }: RunName): string | null {
  const { folder, artifacts } = runPaths(root, iterationId, runId);
  const name = pageThere(folder, sumsAt(artifacts));
  if (name === null) return null;
  return [iterationId, 'runs', runId, name].map(encodeURIComponent).join('/');
}
