import { readSource } from '../../documents/source.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { parseDesign } from '../../project/design.ts';
import { designFileOf } from '../../project/read.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import type { RunPaths } from '../../records/paths.ts';
import { type FinalMetric, finalMetrics } from '../../report/final-metrics.ts';
import { finalMetricsOfTasks, recordedTasks } from '../../report/tasks/tasks-of-run.ts';

/** What runs measured, for a list of many: a part of their records is enough. */

export interface RowMetrics {
  /** The primary metric of the design; null if it was not measured. */
  readonly metric: PrimaryValue | null;
  /** Every number of the metrics file, by its name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** The primary metric of a run. */
export interface PrimaryValue {
  readonly name: string;
  readonly value: number;
  /** Ahead of the strongest baseline, positive if better; null if there is none. */
  readonly delta: number | null;
  readonly mode: 'maximize' | 'minimize';
}

export interface RecordedFiles {
  readonly root: string;
  readonly paths: RunPaths;
  readonly manifest: Manifest;
}

export type MetricsOfRun = (run: RecordedFiles) => RowMetrics;

type Declared = Manifest['metrics'];

export const NO_METRICS: RowMetrics = { metric: null, metrics: {} };
export const MOST_NUMBERS = 100;

/** Reads each design once. */
export function metricsReader(): MetricsOfRun {
  const declaredNow = new Map<string, Declared>();
  return (run) => {
    const list = listOfOutputs(run);
    if (list === null) return NO_METRICS;
    const place = `${run.root}\n${run.manifest.iteration_id}`;
    if (run.manifest.metrics === undefined && !declaredNow.has(place))
      declaredNow.set(place, declaredMetrics(run.root, run.manifest.iteration_id));
    return rowMetrics(metricsOf(run, run.manifest.metrics ?? declaredNow.get(place), list));
  };
}

/** As extract reads it: metrics may be declared after the launch, and older records do not have them. */
export function declaredMetrics(root: string, iterationId: string): Declared {
  const file = designFileOf(iterationId);
  const { text } = readSource(root, file);
  const design = text === null ? null : parseDesign(text, file).value;
  if (design?.metrics === undefined || design.metrics === null) return undefined;
  const { file: source, primary, others } = design.metrics;
  return {
    file: source,
    primary,
    others: [...others],
    baselines: design.baselines.map((baseline) => ({ ...baseline, others: { ...baseline.others } })),
  };
}

function metricsOf({ paths, manifest }: RecordedFiles, declared: Declared, list: string): readonly FinalMetric[] {
  if (manifest.tasks !== undefined) return metricsOfTasks(paths, { ...manifest, metrics: declared }, list);
  const entry = entryOf(list, declared?.file ?? 'metrics.json');
  const judged = declared === undefined ? manifest : { ...manifest, metrics: declared };
  return finalMetrics(paths, judged, entry === null ? [] : [entry]);
}

function metricsOfTasks(paths: RunPaths, manifest: Manifest, list: string): readonly FinalMetric[] {
  if (manifest.metrics === undefined) return [];
  const tasks = recordedTasks(paths, manifest, parseChecksums(list, 'artifacts.sha256').value);
  return tasks === null ? [] : finalMetricsOfTasks(manifest, tasks);
}

function listOfOutputs({ paths, manifest: { artifacts } }: RecordedFiles): string | null {
  const text = artifacts === null ? null : readTextOrNull(paths.artifacts);
  return text !== null && sha256(text) === artifacts?.sha256 ? text : null;
}

/** A plain name in a list of digests, without reading all of a long one. Pure. */
function entryOf(list: string, path: string): ChecksumEntry | null {
  const lines = `\n${list}`;
  const at = lines.indexOf(`  ${path}\n`);
  const digest = lines.slice(Math.max(0, at - 65), at);
  return at < 0 || !/^\n[0-9a-f]{64}$/.test(digest) ? null : { path, sha256: digest.slice(1), kind: 'file' };
}

/** Pure. */
export function rowMetrics(all: readonly FinalMetric[]): RowMetrics {
  const metrics = Object.fromEntries(all.slice(0, MOST_NUMBERS).map(({ name, value }) => [name, value]));
  const primary = all.find(({ mode }) => mode !== null);
  if (primary?.mode === undefined || primary.mode === null) return { metric: null, metrics };
  const deltas = primary.baselines.flatMap(({ delta }) => (delta === null ? [] : [delta]));
  const { name, value, mode } = primary;
  return { metric: { name, value, delta: deltas.length === 0 ? null : Math.min(...deltas), mode }, metrics };
}
