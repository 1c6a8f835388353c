import { quoteArgv } from '../../platform/quoting.ts';
import { commandParts } from '../../records/command-parts.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { queueTimes } from '../../records/queue-times.ts';
import type { RunView } from '../../records/run-view.ts';
import type { FinalMetric } from '../../report/final-metrics.ts';
import { lastWords } from '../../report/log-text.ts';
import type { RunRecord } from '../../report/read-record.ts';
import { analysedTasks } from '../../workflow/results/analysed-tasks.ts';
import type { AnalysedTasks } from '../../workflow/results/analysis-schema.ts';
import { valueOfWords } from '../../workflow/results/value-of.ts';

/** What a reader wants to see of a run first. Pure. */

export interface ShownRun {
  /** How it ended; null if it is open. */
  readonly verdict: ShownVerdict | null;
  /** What ran, as words for a shell; what differs from run to run stands as `{{run_dir}}` and the like. */
  readonly command: string;
  /** Without its arguments. */
  readonly program: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** Null if there was no repository. */
  readonly commit: {
    readonly sha: string | null;
    readonly branch: string | null;
    readonly dirty: boolean | null;
  } | null;
  readonly mode: string;
  /** Where it ran: this host's name, the nodes, or the host behind ssh. */
  readonly host: string | null;
  readonly started_at: string;
  readonly began_at: string | null;
  readonly ended_at: string | null;
  readonly completed_at: string | null;
  readonly queued_seconds: number | null;
  readonly running_seconds: number | null;
  readonly requested: Manifest['usage']['requested'];
  readonly used: Manifest['usage']['used'];
  /** The kernel or the scheduler kept the run within the memory that it asked for. */
  readonly memory_limited: boolean;
  /** The last line of the log of a program that failed: of its stderr, else of its stdout; null if there is none. */
  readonly last_line: string | null;
  readonly metrics: readonly FinalMetric[];
  /** Null if the run has one, without parameters. */
  readonly tasks: ShownTasks | null;
  /** Null if nothing was listed. */
  readonly artifacts: ShownArtifacts | null;
  readonly verifiers: { readonly passed: number; readonly others: readonly string[] };
  readonly warnings: readonly string[];
  /** The page, relative to the root; null if there is none. */
  readonly report: string | null;
  /** One line for a shell; null if nothing has to be done. */
  readonly next_command: string | null;
  /** Of its journal. */
  readonly format: number;
}

export interface ShownTasks {
  readonly count: number;
  /** Empty while the run is open. */
  readonly by_state: Readonly<Record<string, number>>;
  /** Which tasks the metrics of the run are of, in words; null if nothing was measured. */
  readonly values: string | null;
  /** Over all tasks that have the metric. */
  readonly statistics: AnalysedTasks['metrics'];
}

export interface ShownVerdict {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ShownArtifacts {
  readonly files: number;
  readonly bytes: number;
  /** The run did not complete. */
  readonly partial: boolean;
  /** The first ones, without logs and our own files. */
  readonly names: readonly string[];
}

const MOST_NAMES = 50;

export function shownRun(
  { manifest, view, metrics, tasks, artifacts, logs }: RunRecord,
  around: Pick<ShownRun, 'report' | 'next_command'> & { readonly at: string },
): ShownRun {
  const { commit, timestamps, usage } = manifest;
  const { words, program, arguments: given } = commandParts(view.opened);
  const passed = manifest.verifiers.filter(({ status }) => status === 'pass').length;
  return {
    verdict: verdictOfRun(view),
    command: quoteArgv(words),
    program,
    arguments: Object.fromEntries(given),
    commit: commit.source === 'git' ? { sha: commit.sha, branch: commit.branch, dirty: commit.dirty } : null,
    mode: manifest.launch_mode,
    host: hostOf(view, manifest),
    started_at: timestamps.started_at,
    ended_at: timestamps.ended_at,
    completed_at: timestamps.completed_at ?? null,
    ...queueTimes(view, around.at),
    requested: usage.requested,
    used: usage.used,
    memory_limited: manifest.local === null || manifest.local.memory_limit_bytes !== undefined,
    last_line: lastWords({ manifest, logs }),
    metrics,
    tasks: tasksShown(manifest, tasks),
    artifacts: artifactsShown(manifest, artifacts),
    verifiers: {
      passed,
      others: manifest.verifiers.flatMap(({ name, status }) => (status === 'pass' ? [] : [`${name}: ${status}`])),
    },
    warnings: manifest.warnings,
    report: around.report,
    next_command: around.next_command,
    format: manifest.journal.format,
  };
}

function tasksShown({ tasks: order }: Manifest, tasks: RunRecord['tasks']): ShownTasks | null {
  if (order === undefined) return null;
  const analysed =
    tasks === null ? null : analysedTasks({ ...tasks, completed: tasks.read.length, unmeasured: 0, file: '' });
  return {
    count: order.count,
    by_state: order.result?.by_state ?? {},
    values: analysed === null || analysed.metrics.length === 0 ? null : valueOfWords(analysed),
    statistics: analysed?.metrics ?? [],
  };
}

function verdictOfRun({ closed, lastFailure }: RunView): ShownVerdict | null {
  if (closed !== null) {
    const { outcome, code, message, hint } = closed;
    return { outcome, code, message, hint };
  }
  if (lastFailure === null) return null;
  const { code, message, hint = '' } = lastFailure;
  return { outcome: 'needs_retry', code, message, hint };
}

function hostOf({ opened }: RunView, { slurm, host }: Manifest): string | null {
  if (slurm !== undefined) return slurm.nodes ?? opened.remote?.login_host ?? null;
  return host.probes.hostname.stdout.trim() || null;
}

/** What autolab writes beside the run's own files. */
const OURS = /^(?:logs|receipt)\/|^[a-z_-]+\.(?:sha256|patch)$|^run_manifest\.json$/;

function artifactsShown({ artifacts }: Manifest, listed: RunRecord['artifacts']): ShownArtifacts | null {
  if (artifacts === null) return null;
  const { files, bytes, partial } = artifacts;
  const names = (listed ?? []).map(({ path }) => path).filter((path) => !OURS.test(path));
  return { files, bytes, partial, names: names.slice(0, MOST_NAMES) };
}
