import * as z from 'zod';
import type { RunTree } from '../code/run-tree.ts';
import { type LocatedDocument, parsed } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { shape, unlessMeant, unusedParts } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Drafted, Parsed, Problem } from '../errors/problem.ts';
import { type Compute, readCompute } from './compute/compute.ts';
import { unknownComputeKeys } from './compute/keys.ts';
import { type ArtifactSpec, readArtifacts } from './design-artifacts.ts';
import { type Baseline, readBaselines } from './design-baselines.ts';
import { type Entrypoint, readEntrypoint } from './design-entrypoint.ts';
import { type InputSpec, readInputs } from './design-inputs.ts';
import { type Metrics, readMetrics } from './design-metrics.ts';
import { checkStarter } from './design-starter.ts';
import { emptyIsAbsent, line, pathId } from './fields.ts';
import { RUN_TREE_KEYS } from './run-tree-keys.ts';
import { checkTasks } from './tasks/check-tasks.ts';
import { readTasks } from './tasks/read-tasks.ts';
import type { TaskSpec } from './tasks/task-spec.ts';

/** `design.yaml`: the approved experiment. */

export type { Compute } from './compute/compute.ts';
export type { ArtifactSpec } from './design-artifacts.ts';
export type { Baseline } from './design-baselines.ts';
export type { Entrypoint } from './design-entrypoint.ts';
export type { InputSpec } from './design-inputs.ts';
export type { Metrics } from './design-metrics.ts';

export interface Design {
  readonly id: string;
  readonly iteration_id: string;
  readonly hypothesis_id: string | null;
  readonly entrypoint: Entrypoint;
  readonly compute: Compute;
  readonly artifacts: readonly ArtifactSpec[];
  /** Data that the run reads. */
  readonly inputs: readonly InputSpec[];
  /** Null if the design declares none. */
  readonly metrics: Metrics | null;
  readonly baselines: readonly Baseline[];
  /** Null if the run has one task, without parameters. */
  readonly tasks: TaskSpec | null;
  /** Where the run has its code; what is null is for launch.yaml to say. */
  readonly code: { readonly [Key in keyof RunTree]: RunTree[Key] | null };
}

const any = z.unknown().optional();
const keys = (names: readonly string[]) => z.object(Object.fromEntries(names.map((name) => [name, any])));

// Keys first, for their spelling; the rules of the parts check the values, so that one wrong value hides no other.
const ENTRYPOINT_KEYS = ['module', 'args', 'command', 'cli'] as const;
const ARTIFACT_KEYS = ['path', 'required', 'from'] as const;
const INPUT_KEYS = ['path', 'check', 'required'] as const;
const TASK_KEYS = ['grid', 'list', 'file', 'max_parallel', 'max_failures', 'workers', 'time'] as const;

const schema = z.object({
  id: line,
  iteration_id: pathId,
  hypothesis_id: emptyIsAbsent(line),
  entrypoint: any,
  compute: any,
  artifacts: any,
  inputs: any,
  code: z.object(RUN_TREE_KEYS).nullish(),
  metrics: any,
  baselines: any,
  tasks: any,
});

/** Only for the spelling of keys: accepts every value. */
const spelling = z.object({
  entrypoint: keys(ENTRYPOINT_KEYS),
  artifacts: z.array(keys(ARTIFACT_KEYS)),
  inputs: z.array(keys(INPUT_KEYS)),
  tasks: keys(TASK_KEYS),
});

/** Misspelled, these would change what runs or what is required. */
const DECISIVE = [
  'entrypoint',
  'compute',
  'artifacts',
  'inputs',
  'tasks',
  ...ENTRYPOINT_KEYS.map((key) => `entrypoint.${key}`),
  ...ARTIFACT_KEYS.map((key) => `artifacts[].${key}`),
  ...INPUT_KEYS.map((key) => `inputs[].${key}`),
  ...TASK_KEYS.map((key) => `tasks.${key}`),
  'code.run_from',
  'code.link',
];

function isInside(pointer: string | null): boolean {
  return (pointer?.split('/').length ?? 0) > 2;
}

const EXAMPLES = {
  id: 'a name for the design, such as "d1"',
  iteration_id: 'the name of the folder of this file, such as "iter1"',
};

export function parseDesign(text: string, file: string): Parsed<Design> {
  const { value, problems } = readDesign(yamlDocument(text, file));
  return { value, problems };
}

/** Stands for an entrypoint that is not usable. */
const NO_ENTRYPOINT: Entrypoint = { kind: 'command', argv: ['true'] };

/** `launch`: what only the extraction of results reads is no reason against running it. */
export type DesignUse = 'all' | 'launch';

function judgedFor(use: DesignUse, problem: Problem): Problem {
  const isOfResults = /^\/(?:metrics|baselines)(?:\/|$)/.test(problem.pointer ?? '');
  return use === 'launch' && isOfResults ? { ...problem, severity: 'warning' } : problem;
}

/** A run without `compute.time` has limits all the same if its tasks have one. */
function isLimitedByTasks({ pointer, code, severity }: Problem, tasks: TaskSpec | null): boolean {
  if (pointer !== '/compute/time' || code !== 'value.missing') return false;
  return severity === 'warning' && (tasks?.time_seconds ?? null) !== null;
}

/** The same for a document whose positions the caller needs. */
export function readDesign(document: LocatedDocument, use: DesignUse = 'all'): Drafted<Design> {
  const head = shape(document, schema, EXAMPLES, DECISIVE, unusedParts(['/hypothesis_id']));
  if (document.value === undefined) return { ...parsed<Design>(document.file, null, head.problems), draft: null };
  const inside = shape({ ...document, problems: [] }, spelling, {}, DECISIVE);
  // The keys at the top are those of the whole schema, too.
  const misspelled = inside.problems.filter(({ code, pointer }) => code === 'value.unknown_key' && isInside(pointer));
  const notes = notesFor(document);
  const entrypoint = readEntrypoint(notes, '/entrypoint', document.value['entrypoint']);
  const compute = readCompute(notes, '/compute', document.value['compute']);
  if (entrypoint !== null && compute !== null) checkStarter(notes, entrypoint, compute);
  const artifacts = readArtifacts(notes, '/artifacts', document.value['artifacts']);
  const inputs = readInputs(notes, '/inputs', document.value['inputs']);
  const tasks = readTasks(notes, '/tasks', document.value['tasks']);
  checkTasks(notes, tasks, { entrypoint, compute });
  const unknownMetrics: Problem[] = [];
  const metrics = readMetrics(notes, '/metrics', document.value['metrics'], unknownMetrics);
  const compared = { value: document.value['baselines'], metrics };
  const baselines = readBaselines(notes, '/baselines', compared, unknownMetrics);
  const unknown = unknownComputeKeys(document, '/compute');
  const meant = [...head.meant, ...inside.meant, ...unknown.meant];
  const found = [...notes.problems.filter((problem) => !isLimitedByTasks(problem, tasks)), ...unknownMetrics];
  const own = unlessMeant(found, meant).map((problem) => judgedFor(use, problem));
  const problems = [...head.problems, ...misspelled, ...unknown.problems, ...own];
  if (compute === null) return { ...parsed<Design>(document.file, null, problems), draft: null };
  const parts = { entrypoint: entrypoint ?? NO_ENTRYPOINT, compute, artifacts, inputs, metrics, baselines, tasks };
  const draft = draftOf(head.draft, parts);
  const isWhole = head.value !== null && entrypoint !== null;
  return { ...parsed(document.file, isWhole ? draft : null, problems), draft };
}

function draftOf(
  head: z.infer<typeof schema> | null,
  parts: Pick<Design, 'entrypoint' | 'compute' | 'artifacts' | 'inputs' | 'metrics' | 'baselines' | 'tasks'>,
): Design {
  const { id = '', iteration_id = '', hypothesis_id, code } = head ?? {};
  return {
    ...{ id, iteration_id, ...parts },
    hypothesis_id: hypothesis_id ?? null,
    code: { run_from: code?.run_from ?? null, link: code?.link ?? null },
  };
}
