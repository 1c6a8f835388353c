import { join } from 'node:path';
import { lstatOrNull, readTextOrNull } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import type { ChecksumEntry } from '../records/checksums.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import type { RunPaths } from '../records/paths.ts';
import { decimalDifference } from '../workflow/results/decimal.ts';
import { metricIn, metricsDocument } from '../workflow/results/metrics-document.ts';

/** What a run's metrics came to: from the file that its record vouches for. */

export interface FinalMetric {
  readonly name: string;
  readonly value: number;
  /** The one that decides, and which way it is better; null for the others. */
  readonly mode: 'maximize' | 'minimize' | null;
  /** Of each baseline that has a value of this metric. `delta`: positive if the run is better; null for one without a mode. */
  readonly baselines: readonly { readonly name: string; readonly value: number; readonly delta: number | null }[];
}

/** If the design says nothing. */
export const METRICS_FILE = 'metrics.json';
const MOST_BYTES = 8 * 1024 * 1024;

/** The declared ones first, in their order; then the other numbers of the file, by name. */
export function finalMetrics(
  paths: RunPaths,
  { metrics: declared }: Pick<Manifest, 'metrics'>,
  artifacts: readonly ChecksumEntry[] | null,
): readonly FinalMetric[] {
  const values = valuesIn(paths, declared?.file ?? METRICS_FILE, declaredNames(declared), artifacts);
  return comparedMetrics(declared, values);
}

/** Of the metrics that a design declares, the primary one first. */
export function declaredNames(declared: Manifest['metrics']): readonly string[] {
  const primary = declared?.primary ?? null;
  return [...(primary === null ? [] : [primary.name]), ...(declared?.others ?? [])];
}

/** Values beside their baselines. Pure. */
export function comparedMetrics(
  declared: Manifest['metrics'],
  values: ReadonlyMap<string, number>,
): readonly FinalMetric[] {
  const primary = declared?.primary ?? null;
  const names = declaredNames(declared);
  const rest = [...values.keys()].filter((name) => !names.includes(name)).sort();
  return [...names, ...rest].flatMap((name) => {
    const value = values.get(name);
    if (value === undefined) return [];
    const mode = name === primary?.name ? primary.mode : null;
    return [{ name, value, mode, baselines: baselinesOf(declared, name, value, mode) }];
  });
}

function baselinesOf(
  declared: Manifest['metrics'],
  name: string,
  value: number,
  mode: FinalMetric['mode'],
): FinalMetric['baselines'] {
  return (declared?.baselines ?? []).flatMap((baseline) => {
    const other = mode === null ? (baseline.others[name] ?? null) : baseline.value;
    if (other === null) return [];
    const delta =
      mode === null ? null : mode === 'maximize' ? decimalDifference(value, other) : decimalDifference(other, value);
    return [{ name: baseline.name, value: other, delta }];
  });
}

/** Empty if the file is gone, another one than was recorded, or no JSON object. */
function valuesIn(
  paths: RunPaths,
  file: string,
  declared: readonly string[],
  artifacts: readonly ChecksumEntry[] | null,
): ReadonlyMap<string, number> {
  const entry = artifacts?.find(({ path, kind }) => path === file && kind === 'file');
  const stats = lstatOrNull(join(paths.folder, file));
  if (entry === undefined || stats?.isFile() !== true || stats.size > MOST_BYTES) return new Map();
  const text = readTextOrNull(join(paths.folder, file));
  if (text === null || sha256(text) !== entry.sha256) return new Map();
  const plain = numbersIn(text);
  // The quick way, unless the file has what JSON has not, or a name leads into it.
  return plain !== null && declared.every((name) => plain.has(name)) ? plain : readAsExtractDoes(text, file, declared);
}

/** Null if it is no JSON. */
function numbersIn(text: string): ReadonlyMap<string, number> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(Object.entries(value).filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
  } catch {
    return null;
  }
}

/** `NaN` hurts only the metric that it stands for, and a name may be a path: `val.accuracy`. */
function readAsExtractDoes(text: string, file: string, declared: readonly string[]): ReadonlyMap<string, number> {
  const read = metricsDocument(text, file);
  const names = [...declared, ...Object.keys(read.document.value ?? {})];
  return new Map(
    names.flatMap((name) => {
      const found = metricIn(read, name);
      return 'value' in found ? [[name, found.value] as const] : [];
    }),
  );
}
