import * as z from 'zod';
import { listed, shown } from '../documents/excerpt.ts';
import { type LocatedDocument, parsed, problemIn } from '../documents/located.ts';
import { shape, type Unused, unusedParts } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Parsed, Problem } from '../errors/problem.ts';
import { andMore } from '../platform/listing.ts';
import { likelyWord } from '../platform/misspelling.ts';
import { isAbsent } from './compute/values.ts';
import { line } from './fields.ts';

/** `.autolab/backlog.yaml`: hypotheses, and the experiments that test them. */

export const BACKLOG_FILE = '.autolab/backlog.yaml';

export interface Experiment {
  readonly id: string;
  readonly hypothesis_id: string | null;
  readonly status: string;
  readonly iteration_id: string | null;
  readonly type: string | null;
}

export interface Hypothesis {
  readonly id: string;
  readonly status: string | null;
  readonly title: string | null;
  /** The metric that decides; null if the hypothesis names none. */
  readonly success_metric: string | null;
  /** By how much it must improve; null if the hypothesis says nothing, or no number. */
  readonly target_delta: number | null;
}

export interface Backlog {
  readonly hypotheses: readonly Hypothesis[];
  readonly experiments: readonly Experiment[];
}

const CLOSED = ['done', 'completed', 'closed', 'resolved'];
const OPEN = [
  'open',
  'todo',
  'planned',
  'ready',
  'in_progress',
  'running',
  'active',
  'blocked',
  'paused',
  'failed',
  'abandoned',
];

const schema = z.object({
  hypotheses: z
    .array(
      z.object({
        id: line,
        status: z.string().nullish(),
        title: z.string().nullish(),
        success_metric: z.unknown().optional(),
        target_delta: z.unknown().optional(),
      }),
    )
    .nullish(),
  experiments: z.array(
    z.object({
      id: line,
      hypothesis_id: z.string().nullish(),
      status: line,
      iteration_id: z.string().nullish(),
      type: z.string().nullish(),
    }),
  ),
});

/** Misspelled, these would change which experiment is run. */
const DECISIVE = ['experiments', ...['id', 'status', 'iteration_id'].map((key) => `experiments[].${key}`)];

const EXAMPLES = {
  experiments: 'a list of experiments, each with `id`, `status` and `iteration_id`',
  'experiments[].status': '`open`, or `completed` once nothing may be changed any more',
};

/** Whether a status forbids every change to the experiment (R2); case and surrounding space do not matter. */
export function isClosed(status: string): boolean {
  return CLOSED.includes(status.trim().toLowerCase());
}

/** A misspelled `complted` would leave an experiment open that its author meant to close. */
function doubtfulStatuses(document: LocatedDocument, backlog: Backlog): Problem[] {
  return backlog.experiments.flatMap(({ status }, index) => {
    const word = status.trim().toLowerCase();
    const likely = CLOSED.includes(word) || OPEN.includes(word) ? null : likelyWord(word, CLOSED);
    if (likely === null) return [];
    const message = `the status ${shown(status)} does not close the experiment; did you mean ${shown(likely)}?`;
    return [
      problemIn(document, {
        pointer: `/experiments/${index}/status`,
        code: 'value.invalid',
        severity: 'warning',
        message,
      }),
    ];
  });
}

/** A number, also as text with a sign, as people write `+0.1`. Null for anything else. */
function numberIn(value: unknown): number | null {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** What is wrong with the targets of one hypothesis: they stop no launch, and nothing can be compared with them. */
export function targetProblems(text: string, hypothesisId: string): readonly Problem[] {
  const document = yamlDocument(text, BACKLOG_FILE);
  const hypotheses: unknown = document.value?.['hypotheses'];
  return (Array.isArray(hypotheses) ? (hypotheses as readonly unknown[]) : []).flatMap((one, index) => {
    const fields = typeof one === 'object' && one !== null ? (one as Readonly<Record<string, unknown>>) : {};
    if (fields['id'] !== hypothesisId) return [];
    const warned = (key: string, message: string): Problem =>
      problemIn(document, {
        pointer: `/hypotheses/${index}/${key}`,
        code: 'value.type',
        severity: 'warning',
        message: `\`${key}\` ${message}`,
      });
    const { success_metric: metric, target_delta: delta } = fields;
    return [
      ...(isAbsent(metric) || typeof metric === 'string'
        ? []
        : [warned('success_metric', 'is not the name of a metric')]),
      ...(isAbsent(delta) || numberIn(delta) !== null ? [] : [warned('target_delta', 'is not a finite number')]),
    ];
  });
}

interface Ids {
  readonly iteration_id: string;
  readonly experiment_id: string;
}

/** A launch reads the entries of its own iteration and experiment. */
function unusedIn({ value }: LocatedDocument, { iteration_id: iteration, experiment_id: id }: Ids): Unused {
  const listed = (key: string): readonly unknown[] => {
    const found: unknown = value?.[key];
    return Array.isArray(found) ? found : [];
  };
  const isOther = (entry: unknown): boolean => {
    const of = typeof entry === 'object' && entry !== null ? (entry as Partial<Record<keyof Experiment, unknown>>) : {};
    return typeof of.iteration_id === 'string' && of.iteration_id !== iteration && of.id !== id;
  };
  return unusedParts([
    ...listed('hypotheses').map((_, index) => `/hypotheses/${index}`),
    ...listed('experiments').flatMap((entry, index) => (isOther(entry) ? [`/experiments/${index}`] : [])),
  ]);
}

/** `ids`: of the state, for a launch; without them every entry counts. */
export function parseBacklog(text: string, file: string, ids: Ids | null = null): Parsed<Backlog> {
  const document = yamlDocument(text, file);
  const unused: Unused = ids === null ? () => null : unusedIn(document, ids);
  const { value, problems } = shape(document, schema, EXAMPLES, DECISIVE, unused);
  if (value === null) return parsed<Backlog>(file, null, problems);
  const backlog: Backlog = {
    hypotheses: (value.hypotheses ?? []).map(({ id, status, title, success_metric: metric, target_delta: delta }) => ({
      id,
      status: status ?? null,
      title: title ?? null,
      success_metric: typeof metric === 'string' && metric.trim() !== '' ? metric : null,
      target_delta: numberIn(delta),
    })),
    experiments: value.experiments.map(({ id, hypothesis_id, status, iteration_id, type }) => ({
      id,
      hypothesis_id: hypothesis_id ?? null,
      status,
      iteration_id: iteration_id === undefined || iteration_id === '' ? null : iteration_id,
      type: type ?? null,
    })),
  };
  return parsed(file, backlog, [...problems, ...doubtfulStatuses(document, backlog)]);
}

export interface ExperimentIds {
  readonly iteration_id: string;
  /** '' if the iteration has no experiment yet. */
  readonly experiment_id: string;
}

/** Every entry that the iteration or the id of the state belongs to: a folder can be shared. */
export function experimentsOf(
  backlog: Backlog,
  { iteration_id: iteration, experiment_id: id }: ExperimentIds,
): readonly Experiment[] {
  return backlog.experiments.filter((entry) =>
    entry.iteration_id === null ? entry.id === id && id !== '' : entry.iteration_id === iteration,
  );
}

export type ExperimentMatch =
  | { readonly kind: 'one'; readonly experiment: Experiment }
  | { readonly kind: 'none'; readonly message: string }
  | { readonly kind: 'several'; readonly message: string; readonly ids: readonly string[] };

/**
 * The entry that the state means: its id is the state's `experiment_id` and, if it names an iteration, that is the
 * state's. Without `experiment_id`, the iteration alone decides.
 */
export function matchExperiment(backlog: Backlog, ids: ExperimentIds): ExperimentMatch {
  const { iteration_id: iteration, experiment_id: id } = ids;
  const sameId = backlog.experiments.filter((experiment) => experiment.id === id);
  const matches =
    id === ''
      ? backlog.experiments.filter((experiment) => experiment.iteration_id === iteration)
      : sameId.filter((experiment) => experiment.iteration_id === null || experiment.iteration_id === iteration);
  const [first, ...others] = matches;
  if (first !== undefined && others.length === 0) return { kind: 'one', experiment: first };
  const sought =
    id === ''
      ? `the iteration ${shown(iteration)}`
      : `the experiment ${shown(id)} of the iteration ${shown(iteration)}`;
  if (first !== undefined) {
    const found = matches.map((experiment) => experiment.id);
    return {
      kind: 'several',
      message: `${matches.length} entries of the backlog match ${sought}: ${listed(found, 'and')}`,
      ids: found,
    };
  }
  return { kind: 'none', message: `no entry of the backlog matches ${sought}; ${whatThereIs(backlog, sameId, id)}` };
}

function whatThereIs(backlog: Backlog, sameId: readonly Experiment[], id: string): string {
  const [elsewhere] = sameId;
  if (elsewhere !== undefined)
    return `there ${shown(id)} belongs to the iteration ${shown(elsewhere.iteration_id ?? '')}`;
  if (backlog.experiments.length === 0) return 'it lists no experiments';
  const names = backlog.experiments.slice(0, 8).map((experiment) => experiment.id);
  return `it lists ${listed(names, 'and')}${andMore(backlog.experiments.length - names.length)}`;
}
