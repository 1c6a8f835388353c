import { join } from 'node:path';
import { lstatOrNull, readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { projectManifest } from '../../records/projection.ts';
import { taskFolder } from '../../records/tasks/task-files.ts';
import { finalMetrics } from '../../report/final-metrics.ts';
import { declaredMetrics, NO_METRICS, rowMetrics } from '../runs/metrics.ts';
import type { RunWithTasks } from './read-tasks.ts';
import type { TaskRow, UnmeasuredTask } from './task-row.ts';

/** What each task measured: from the metrics file in its own folder. */

const DEFAULT_FILE = 'metrics.json';
const MOST_BYTES = 1024 * 1024;

/** `root`: of the project. */
export function measuredTasks(root: string, run: RunWithTasks, tasks: readonly UnmeasuredTask[]): readonly TaskRow[] {
  const manifest = projectManifest(run.view);
  const declared = manifest.metrics ?? declaredMetrics(root, manifest.iteration_id);
  const name = declared?.file ?? DEFAULT_FILE;
  const entryOf = entries(run, manifest.artifacts?.sha256 ?? null);
  return tasks.map((task) => {
    const file = `${taskFolder(task.index)}/${name}`;
    const entry = task.ended_at === null ? null : entryOf(file);
    if (entry === null) return { ...task, ...NO_METRICS };
    return { ...task, ...rowMetrics(finalMetrics(run.paths, { metrics: declaredIn(declared, file) }, [entry])) };
  });
}

function declaredIn(declared: Manifest['metrics'], file: string): Manifest['metrics'] {
  return { others: [], baselines: [], primary: null, ...declared, file };
}

/** The digest of a file as the record has it; before the record has any, as the file is. */
function entries({ paths }: RunWithTasks, digest: string | null): (file: string) => ChecksumEntry | null {
  if (digest === null) return (file) => entryNow(paths.folder, file);
  const text = readTextOrNull(paths.artifacts) ?? '';
  const list = sha256(text) === digest ? (parseChecksums(text, 'artifacts.sha256').value ?? []) : [];
  const recorded = new Map(list.map((entry) => [entry.path, entry]));
  return (file) => recorded.get(file) ?? null;
}

function entryNow(folder: string, file: string): ChecksumEntry | null {
  const stats = lstatOrNull(join(folder, file));
  if (stats?.isFile() !== true || stats.size > MOST_BYTES) return null;
  return { path: file, sha256: sha256(readTextOrNull(join(folder, file)) ?? ''), kind: 'file' };
}
