import { hasErrors, problemOfFile } from '../../documents/located.ts';
import { readSource } from '../../documents/source.ts';
import { type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import type { Problem } from '../../errors/problem.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Metrics } from '../../project/design-metrics.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { Analysis } from '../../workflow/results/analysis-schema.ts';
import { type FoundMetric, metricIn, metricsDocument } from '../../workflow/results/metrics-document.ts';

/** Reads the metrics of a recorded run: the file as it was digested when the run was verified, or none. */

const MOST_BYTES = 8 * 1024 * 1024;

export interface ReadMetricsFile {
  readonly source: NonNullable<Analysis['source']>;
  readonly found: ReadonlyMap<string, FoundMetric>;
}

export function metricNamesOf({ primary, others }: Metrics): readonly string[] {
  return [...(primary === null ? [] : [primary.name]), ...others];
}

export function readMetricsFile(
  root: string,
  paths: RunPaths,
  record: Manifest,
  metrics: Metrics,
): Result<ReadMetricsFile> {
  const file = `${paths.relative}/${metrics.file}`;
  const entry = recordedEntry(paths, record, metrics.file);
  if (!entry.ok) return entry;
  const source = readSource(root, file, MOST_BYTES);
  if (source.missing || (source.sha256 !== null && source.sha256 !== entry.value.sha256)) {
    const how = source.missing ? 'is gone' : 'was changed';
    return refusedMetrics('metrics.changed', `${file} ${how} since the run ended.`, [
      problemOfFile(file, 'file.changed', `the file ${how} since the run ended: its digest was ${entry.value.sha256}`),
    ]);
  }
  if (source.text === null) return refusedMetrics('metrics.invalid', `${file} cannot be read.`, source.problems);
  return judge(file, entry.value.sha256, source.text, metricNamesOf(metrics));
}

export function refusedMetrics<T>(code: Failure['code'], message: string, problems: readonly Problem[]): Result<T> {
  return { ok: false, failure: failureOf(code, { message, problems }) };
}

export interface RecordedOutputs {
  /** Of the list, relative to the root. */
  readonly file: string;
  readonly sha256: string;
  readonly entries: readonly ChecksumEntry[];
}

/** All outputs of a run, as its record has them. */
export function listOfOutputs(paths: RunPaths, { artifacts }: Manifest): Result<RecordedOutputs> {
  const file = `${paths.relative}/artifacts.sha256`;
  const text = readTextOrNull(paths.artifacts);
  if (artifacts === null || text === null || sha256(text) !== artifacts.sha256) {
    const what =
      artifacts === null || text === null ? 'there is no list of its outputs' : 'the list of its outputs was changed';
    return refusedMetrics('metrics.changed', `The outputs of the run cannot be compared with its record: ${what}.`, [
      problemOfFile(file, text === null ? 'file.missing' : 'file.changed', what),
    ]);
  }
  const { value: entries, problems } = parseChecksums(text, file);
  if (entries === null) return refusedMetrics('metrics.changed', `${file} cannot be read.`, problems);
  return ok({ file, sha256: artifacts.sha256, entries });
}

/** What the record says of the file. */
function recordedEntry(paths: RunPaths, manifest: Manifest, name: string): Result<ChecksumEntry> {
  const list = listOfOutputs(paths, manifest);
  if (!list.ok) return list;
  const file = `${paths.relative}/${name}`;
  const entry = list.value.entries.find(({ path }) => path === name);
  if (entry === undefined)
    return refusedMetrics('metrics.missing', `The run left no ${name}.`, [
      problemOfFile(file, 'file.missing', 'the file was not there when the run ended'),
    ]);
  if (entry.kind === 'symlink')
    return refusedMetrics('metrics.invalid', `${file} is a symbolic link.`, [
      problemOfFile(file, 'file.not_a_file', 'the record has the link, not what it leads to; write a file'),
    ]);
  return ok(entry);
}

/** Pure. */
function judge(file: string, digest: string, text: string, names: readonly string[]): Result<ReadMetricsFile> {
  const read = metricsDocument(text, file);
  const { problems: syntax } = read.document;
  if (hasErrors(syntax)) return refusedMetrics('metrics.invalid', `${file} is not usable.`, syntax);
  const found = new Map<string, FoundMetric>();
  const problems: Problem[] = [];
  for (const name of names) {
    const metric = metricIn(read, name);
    if ('value' in metric) found.set(name, metric);
    else problems.push(metric);
  }
  if (problems.length === 0) return ok({ source: { file, sha256: digest }, found });
  const isMissing = problems.some(({ code }) => code === 'value.missing');
  const message = `${problems.length === 1 ? 'A metric' : `${problems.length} metrics`} of the design cannot be read from ${file}.`;
  return refusedMetrics(isMissing ? 'metrics.missing' : 'metrics.invalid', message, problems);
}
