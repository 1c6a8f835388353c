import { invisibleInName } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import { textAt } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import type { Problem } from '../errors/problem.ts';
import { likelyWord } from '../platform/misspelling.ts';
import { isAbsent } from './compute/values.ts';
import { checkArtifactPath } from './design-artifacts.ts';
import { checkKeys, fieldsOf } from './metric-keys.ts';

/** `metrics`: what a run measures, and where it writes it. */

export type MetricMode = 'maximize' | 'minimize';

export interface PrimaryMetric {
  readonly name: string;
  readonly mode: MetricMode;
}

export interface Metrics {
  /** Relative to the run's folder: a JSON object. */
  readonly file: string;
  readonly primary: PrimaryMetric | null;
  readonly others: readonly string[];
}

const DEFAULT_METRICS_FILE = 'metrics.json';

const MODES: Readonly<Record<string, MetricMode>> = {
  maximize: 'maximize',
  max: 'maximize',
  minimize: 'minimize',
  min: 'minimize',
};
const HOW = '`metrics: {primary: {name: accuracy, mode: maximize}}`';

/** A name, as text; numbers and the like are refused, because YAML would change their spelling. */
function nameAt(notes: Notes, pointer: string, value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') {
    if (!isAbsent(value)) notes.error(pointer, 'value.type', 'must be the name of a metric, such as `accuracy`');
    else notes.error(pointer, 'value.missing', 'is missing; write the name of a metric, such as `accuracy`');
    return null;
  }
  const invisible = invisibleInName(value);
  if (invisible === null) return value;
  notes.error(pointer, 'value.invalid', `contains the invisible character ${invisible}; remove it`);
  return null;
}

function readMode(notes: Notes, pointer: string, value: unknown): MetricMode | null {
  if (typeof value === 'string' && Object.hasOwn(MODES, value)) return MODES[value] ?? null;
  if (isAbsent(value)) {
    notes.error(pointer, 'value.missing', 'is missing; write `maximize` if more is better, otherwise `minimize`');
    return null;
  }
  const likely = typeof value === 'string' ? likelyWord(value, Object.keys(MODES)) : null;
  const advice = likely === null ? '' : `; did you mean ${shown(likely)}?`;
  notes.error(
    pointer,
    'value.invalid',
    `must be \`maximize\` (\`max\`) or \`minimize\` (\`min\`); it says ${shown(textAt(notes.document, pointer))}${advice}`,
  );
  return null;
}

function readFile(notes: Notes, pointer: string, value: unknown): string {
  if (isAbsent(value)) return DEFAULT_METRICS_FILE;
  const reason =
    typeof value !== 'string'
      ? 'must be a path in the run folder, such as `metrics.json`'
      : /[*?[{]/.test(value)
        ? 'must name one file, without `*`, `?`, `[` and `{`'
        : checkArtifactPath(value);
  if (reason !== null)
    notes.error(pointer, 'value.invalid', `${reason}; it says ${shown(textAt(notes.document, pointer))}`);
  return reason === null && typeof value === 'string' ? value : DEFAULT_METRICS_FILE;
}

function readPrimary(notes: Notes, pointer: string, value: unknown, unknown: Problem[]): PrimaryMetric | null {
  if (isAbsent(value)) return null;
  const fields = fieldsOf(value);
  if (fields === null) {
    notes.error(pointer, 'value.type', `must be a mapping with \`name\` and \`mode\`; write ${HOW}`);
    return null;
  }
  unknown.push(...checkKeys(notes, pointer, fields, ['name', 'mode']));
  const name = nameAt(notes, `${pointer}/name`, fields['name']);
  const mode = readMode(notes, `${pointer}/mode`, fields['mode']);
  return name === null || mode === null ? null : { name, mode };
}

function readOthers(notes: Notes, pointer: string, value: unknown, primary: string | null): readonly string[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a list of names, such as `[loss]`');
    return [];
  }
  const seen = new Set(primary === null ? [] : [primary]);
  return value.flatMap((item: unknown, index) => {
    const name = nameAt(notes, `${pointer}/${index}`, item);
    if (name === null) return [];
    if (seen.has(name)) {
      notes.error(`${pointer}/${index}`, 'value.conflict', `names ${shown(name)} a second time; leave one of them`);
      return [];
    }
    seen.add(name);
    return [name];
  });
}

/** Left out, a run has no metrics. `unknown` gets the problems of keys that are not known. */
export function readMetrics(notes: Notes, pointer: string, value: unknown, unknown: Problem[]): Metrics | null {
  if (isAbsent(value)) return null;
  const fields = fieldsOf(value);
  if (fields === null) {
    notes.error(pointer, 'value.type', `must be a mapping; write ${HOW}`);
    return null;
  }
  // An origin of designs calls the others `secondary`.
  unknown.push(...checkKeys(notes, pointer, fields, ['file', 'primary', 'others', 'secondary']));
  const primary = readPrimary(notes, `${pointer}/primary`, fields['primary'], unknown);
  const [others, secondary] = [fields['others'], fields['secondary']];
  if (!isAbsent(others) && !isAbsent(secondary))
    notes.error(`${pointer}/secondary`, 'value.conflict', 'is another name of `others`; remove one of them');
  const key = !isAbsent(others) ? 'others' : 'secondary';
  return {
    file: readFile(notes, `${pointer}/file`, fields['file']),
    primary,
    others: readOthers(notes, `${pointer}/${key}`, fields[key], primary?.name ?? null),
  };
}
