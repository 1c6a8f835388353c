import { hasErrors, problemOfFile } from '../../documents/located.ts';
import { pointerOf } from '../../documents/pointer.ts';
import { readSource } from '../../documents/source.ts';
import type { Problem } from '../../errors/problem.ts';
import { parseObject } from '../../platform/json-object.ts';
import type { ChecksumEntry } from '../../records/checksums.ts';
import type { RunPaths } from '../../records/paths.ts';
import { taskFolder } from '../../records/tasks/task-files.ts';
import { type FoundMetric, metricIn, metricsDocument } from './metrics-document.ts';

/** What the tasks of a run measured: each from the metrics file in its own folder. */

export interface TaskMetricsWanted {
  readonly paths: Pick<RunPaths, 'folder' | 'relative'>;
  /** In the folder of each task. */
  readonly file: string;
  /** Which metrics. */
  readonly names: readonly string[];
  /** How many of the other numbers at the top of the file come after them, at most. */
  readonly others: number;
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

/** In the order of `indices`. One after another: of thousands, whoever needs little of each keeps little. */
export function* readTaskMetrics(
  wanted: TaskMetricsWanted,
  indices: readonly number[],
): Generator<TaskMetrics, undefined> {
  const { recorded, paths, file } = wanted;
  const entries = recorded === null ? null : new Map(recorded.map((entry) => [entry.path, entry]));
  let left = MOST_ALL_BYTES;
  for (const index of indices) {
    const name = `${taskFolder(index)}/${file}`;
    const place = `${paths.relative}/${name}`;
    const refused = entries === null ? null : wrongInRecord(place, entries.get(name));
    if (refused !== null || left <= 0) {
      yield { index, values: new Map(), problems: [refused ?? tooMany(place)] };
      continue;
    }
    const read = readOne(wanted, place, entries?.get(name)?.sha256 ?? null);
    left -= read.bytes;
    yield { index, values: read.values, problems: read.problems };
  }
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

function readOne(wanted: TaskMetricsWanted, place: string, digest: string | null): ReadFile {
  // A link is recorded as one: what it leads to was not digested.
  const { text, sha256, missing, problems } = readSource(rootOf(wanted.paths), place, MOST_BYTES, 'refused');
  const nothing = (why: readonly Problem[]): ReadFile => ({
    values: new Map(),
    problems: why,
    bytes: text?.length ?? 0,
  });
  if (digest !== null && (missing || (sha256 !== null && sha256 !== digest))) {
    const how = missing ? 'is gone' : 'was changed';
    return nothing([problemOfFile(place, 'file.changed', `the file ${how} since the run ended`)]);
  }
  return text === null ? nothing(problems) : { ...metricsOfText(text, place, wanted), bytes: text.length };
}

function rootOf({ folder, relative }: TaskMetricsWanted['paths']): string {
  return folder.slice(0, -relative.length);
}

type Wanted = Pick<TaskMetricsWanted, 'names' | 'others'>;

/** Pure. */
export function metricsOfText(text: string, place: string, wanted: Wanted): Pick<TaskMetrics, 'values' | 'problems'> {
  const plain = plainMetrics(text, wanted);
  if (plain !== null) return { values: plain, problems: [] };
  const { names, others } = wanted;
  const read = metricsDocument(text, place);
  const { problems: syntax, value } = read.document;
  if (hasErrors(syntax)) return { values: new Map(), problems: syntax };
  const values = new Map<string, FoundMetric>();
  const problems: Problem[] = [];
  for (const name of names) {
    const metric = metricIn(read, name);
    if ('value' in metric) values.set(name, metric);
    else problems.push(metric);
  }
  let left = others;
  for (const name of left === 0 ? [] : Object.keys(value ?? {})) {
    if (left === 0) break;
    if (names.includes(name)) continue;
    const metric = metricIn(read, name);
    if (!('value' in metric)) continue;
    values.set(name, metric);
    left -= 1;
  }
  return { values, problems };
}

/** Characters. */
const MOST_PLAIN = 4096;

/**
 * The quick way, for thousands of files: of a text that is one flat object with every name, each once, and no digits
 * that a double does not keep. Null of any other. Pure.
 */
function plainMetrics(text: string, { names, others }: Wanted): TaskMetrics['values'] | null {
  if (text.length > MOST_PLAIN || text.includes('[')) return null;
  const fields = parseObject(text);
  // As many colons as keys: no key twice, no object within, and no colon that stands in a text.
  if (fields === null || text.split(':').length - 1 !== Object.keys(fields).length) return null;
  const rest = others === 0 ? [] : Object.keys(fields).filter((name) => Number.isFinite(fields[name]));
  const values = new Map<string, FoundMetric>();
  for (const name of [...names, ...rest.filter((other) => !names.includes(other)).slice(0, others)]) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof value !== 'number' || !Number.isFinite(value) || !keepsDigits(text, name, value)) return null;
    values.set(name, { pointer: pointerOf([name]), value });
  }
  return values;
}

function keepsDigits(text: string, name: string, value: number): boolean {
  const key = JSON.stringify(name);
  const at = text.indexOf(key);
  const written = /^\s*:\s*([^\s,}]+)/.exec(text.slice(at + key.length, at + key.length + 64))?.[1];
  // A double keeps fifteen digits of any number.
  return at >= 0 && written !== undefined && (written === String(value) || /^-?\d[\d.]{0,14}$/.test(written));
}
