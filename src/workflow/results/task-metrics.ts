import { hasErrors, problemOfFile } from '../../documents/located.ts';
import { readSource } from '../../documents/source.ts';
import type { Problem } from '../../errors/problem.ts';
import type { ChecksumEntry } from '../../records/checksums.ts';
import type { RunPaths } from '../../records/paths.ts';
import { taskFolder } from '../../records/tasks/task-files.ts';
import { type FoundMetric, metricIn, metricsDocument } from './metrics-document.ts';

/** What the tasks of a run measured: each from the metrics file in its own folder. */

export interface TaskMetricsWanted {
  readonly paths: Pick<RunPaths, 'folder' | 'relative'>;
  /** In the folder of each task. */
  readonly file: string;
  /** Null for every number at the top of the file. */
  readonly names: readonly string[] | null;
  /** Outputs as the record has them; null for a run that is open: its files count as they are. */
  readonly recorded: readonly ChecksumEntry[] | null;
}

export interface TaskMetrics {
  readonly index: number;
  /** By name; finite. */
  readonly values: ReadonlyMap<string, FoundMetric>;
  /** Why there is no value. */
  readonly problems: readonly Problem[];
}

const MOST_BYTES = 1024 * 1024;
/** All files together; what comes after is not read. */
const MOST_ALL_BYTES = 256 * 1024 * 1024;
/** If none are named. */
const MOST_NAMES = 40;

/** In the order of `indices`. */
export function readTaskMetrics(wanted: TaskMetricsWanted, indices: readonly number[]): readonly TaskMetrics[] {
  const { recorded, paths, file } = wanted;
  const entries = recorded === null ? null : new Map(recorded.map((entry) => [entry.path, entry]));
  let left = MOST_ALL_BYTES;
  return indices.map((index) => {
    const name = `${taskFolder(index)}/${file}`;
    const place = `${paths.relative}/${name}`;
    const refused = entries === null ? null : wrongInRecord(place, entries.get(name));
    if (refused !== null) return { index, values: new Map(), problems: [refused] };
    if (left <= 0) return { index, values: new Map(), problems: [tooMany(place)] };
    const read = readOne(wanted, place, entries?.get(name)?.sha256 ?? null);
    left -= read.bytes;
    return { index, values: read.values, problems: read.problems };
  });
}

function wrongInRecord(place: string, entry: ChecksumEntry | undefined): Problem | null {
  if (entry === undefined) return problemOfFile(place, 'file.missing', 'the file was not there when the run ended');
  return entry.kind === 'symlink'
    ? problemOfFile(place, 'file.not_a_file', 'the file is a symbolic link; write a file')
    : null;
}

function tooMany(place: string): Problem {
  const message = `not read: the metrics files of the tasks before have ${MOST_ALL_BYTES / MOST_BYTES} MiB together`;
  return problemOfFile(place, 'file.too_large', message);
}

interface ReadFile extends Omit<TaskMetrics, 'index'> {
  readonly bytes: number;
}

function readOne({ paths, names }: TaskMetricsWanted, place: string, digest: string | null): ReadFile {
  const { text, sha256, missing, problems } = readSource(rootOf(paths), place, MOST_BYTES);
  const nothing = (why: readonly Problem[]): ReadFile => ({
    values: new Map(),
    problems: why,
    bytes: text?.length ?? 0,
  });
  if (digest !== null && (missing || (sha256 !== null && sha256 !== digest))) {
    const how = missing ? 'is gone' : 'was changed';
    return nothing([problemOfFile(place, 'file.changed', `the file ${how} since the run ended`)]);
  }
  return text === null ? nothing(problems) : { ...metricsOfText(text, place, names), bytes: text.length };
}

function rootOf({ folder, relative }: TaskMetricsWanted['paths']): string {
  return folder.slice(0, -relative.length);
}

/** Pure. */
export function metricsOfText(
  text: string,
  place: string,
  names: readonly string[] | null,
): Pick<TaskMetrics, 'values' | 'problems'> {
  const read = metricsDocument(text, place);
  const { problems: syntax, value } = read.document;
  if (hasErrors(syntax)) return { values: new Map(), problems: syntax };
  const values = new Map<string, FoundMetric>();
  const problems: Problem[] = [];
  for (const name of names ?? Object.keys(value ?? {})) {
    const metric = metricIn(read, name);
    if ('value' in metric) values.set(name, metric);
    else if (names !== null) problems.push(metric);
    if (names === null && values.size === MOST_NAMES) break;
  }
  return { values, problems };
}
