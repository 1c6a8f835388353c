import { join } from 'node:path';
import { executorOf } from '../executors/table.ts';
import { lstatOrNull, readBytes, readTail } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { type ChecksumEntry, parseChecksums } from '../records/checksums.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import { METRIC_SERIES_FILE, type MetricSeries, parseMetricSeries } from '../records/metric-series.ts';
import type { RunPaths } from '../records/paths.ts';
import { projectManifest } from '../records/projection.ts';
import type { RunView } from '../records/run-view.ts';
import { TASK_LOGS, taskFolder } from '../records/tasks/task-files.ts';
import { parseUsage, USAGE_FILE, type UsagePoint } from '../records/usage-series.ts';
import { type TaskStateNow, taskStatesNow } from '../run/tasks/look.ts';
import { type FinalMetric, finalMetrics } from './final-metrics.ts';
import { picturesIn, type RunPicture, type RunTable, tablesIn } from './small-outputs.ts';
import { finalMetricsOfTasks, recordedTasks, type TasksOfRun } from './tasks/tasks-of-run.ts';

/** A run as people look at it: everything that its record has, and nothing else. */
export interface RunRecord {
  readonly manifest: Manifest;
  readonly view: RunView;
  readonly paths: RunPaths;
  /** Final values; empty if the run left none that the record vouches for. */
  readonly metrics: readonly FinalMetric[];
  /** What came of its tasks; null if it has one, or is open. */
  readonly tasks: TasksOfRun | null;
  /** The state of each task of an open run, by its index; empty if it is closed, or has one. */
  readonly tasksNow: readonly TaskStateNow[];
  /** The ends of the logs of the first tasks that failed. */
  readonly taskLogs: readonly TaskLog[];
  /** Empty if nothing was sampled. */
  readonly usage: readonly UsagePoint[];
  /** Null if the run wrote none, or other bytes than were recorded; of an open run, what there is so far. */
  readonly curves: MetricSeries | null;
  /** `receipt/environment.json`, if it is as it was recorded; null otherwise. */
  readonly environment: Readonly<Record<string, unknown>> | null;
  /** All outputs with their digests; null if there is no list, or another one than was recorded. */
  readonly artifacts: readonly ChecksumEntry[] | null;
  /** The ends of its logs; null if there is no such file. */
  readonly logs: { readonly stdout: string | null; readonly stderr: string | null };
  /** The beginning of the uncommitted changes; null if there are none, or others than were recorded. */
  readonly patch: string | null;
  /** Small ones among the outputs, as they were recorded. */
  readonly pictures: readonly RunPicture[];
  readonly tables: readonly RunTable[];
}

const LOG_TAIL_BYTES = 16_384;
const MOST_PATCH = 32_768;
const MOST_SERIES_BYTES = 64 * 1024 * 1024;

/** Reads files of the run alone; the time of day and the project around it make no difference. */
export function readRecord(view: RunView, paths: RunPaths): RunRecord {
  const manifest = projectManifest(view);
  const artifacts = artifactsIn(paths, manifest);
  const { stdout, stderr } = executorOf(view.opened).logs(view, paths);
  const usage = seriesText(view, join(paths.receipt, USAGE_FILE), manifest.series?.usage?.sha256);
  const curves = seriesText(view, join(paths.folder, METRIC_SERIES_FILE), manifest.series?.metrics?.sha256);
  const tasks = recordedTasks(paths, manifest, artifacts);
  const environment = recorded(join(paths.receipt, 'environment.json'), manifest.environment?.sha256);
  return {
    manifest,
    view,
    paths,
    metrics: tasks === null ? finalMetrics(paths, manifest, artifacts) : finalMetricsOfTasks(manifest, tasks),
    tasks,
    tasksNow: statesNow(paths, manifest),
    taskLogs: taskLogsOf(paths, tasks),
    usage: usage === null ? [] : parseUsage(usage).points,
    curves: curves === null ? null : parseMetricSeries(curves),
    environment: environment === null ? null : (JSON.parse(environment) as Readonly<Record<string, unknown>>),
    artifacts,
    logs: { stdout: logTail(stdout), stderr: logTail(stderr) },
    patch: recorded(paths.codePatch, manifest.commit.patch?.sha256)?.slice(0, MOST_PATCH) ?? null,
    pictures: picturesIn(paths.folder, artifacts ?? []),
    tables: tablesIn(paths.folder, artifacts ?? []),
  };
}

function statesNow(paths: RunPaths, { tasks }: Manifest): RunRecord['tasksNow'] {
  return tasks?.result === null ? taskStatesNow(paths, tasks) : [];
}

export interface TaskLog {
  readonly index: number;
  readonly name: string;
  readonly text: string;
}

const MOST_TASK_LOGS = 3;
const TASK_LOG_BYTES = 3000;

/** Of each standard error, else standard output. */
function taskLogsOf({ folder }: RunPaths, tasks: TasksOfRun | null): readonly TaskLog[] {
  const failed = (tasks?.results ?? []).filter(({ state }) => state === 'failed');
  return failed.slice(0, MOST_TASK_LOGS).flatMap(({ index }) => {
    const logs = [TASK_LOGS.stderr, TASK_LOGS.stdout].flatMap((name) => {
      const text = logTail(join(folder, taskFolder(index), name), TASK_LOG_BYTES) ?? '';
      return text.trim() === '' ? [] : [{ index, name, text }];
    });
    return logs.slice(0, 1);
  });
}

/** From the beginning of a line. */
function logTail(path: string, most = LOG_TAIL_BYTES): string | null {
  const tail = readTail(path, most);
  const isCut = tail !== null && Buffer.byteLength(tail) >= most;
  return isCut ? tail.slice(tail.indexOf('\n') + 1) : tail;
}

/** Nothing vouches for the series of an open run before it was observed: they are read as they are. */
function seriesText({ closed, observed }: RunView, path: string, digest: string | undefined): string | null {
  return closed === null && observed === null ? textOf(path) : recorded(path, digest);
}

function textOf(path: string): string | null {
  return bytesOf(path)?.toString('utf8') ?? null;
}

/** The text of a file, if the record knows it, it can be read, and it has not changed since. */
function recorded(path: string, digest: string | undefined): string | null {
  if (digest === undefined) return null;
  // Bytes: a patch need not be UTF-8.
  const bytes = bytesOf(path);
  return bytes !== null && sha256(bytes) === digest ? bytes.toString('utf8') : null;
}

function bytesOf(path: string): Buffer | null {
  const stats = lstatOrNull(path);
  if (stats?.isFile() !== true || stats.size > MOST_SERIES_BYTES) return null;
  try {
    return readBytes(path);
  } catch {
    return null;
  }
}

function artifactsIn(paths: RunPaths, { artifacts }: Manifest): readonly ChecksumEntry[] | null {
  const text = recorded(paths.artifacts, artifacts?.sha256);
  return text === null ? null : parseChecksums(text, 'artifacts.sha256').value;
}
