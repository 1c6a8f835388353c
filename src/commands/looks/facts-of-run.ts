import { pointerOf } from '../../documents/pointer.ts';
import { canonicalLine } from '../../records/canonical.ts';
import { commandParts } from '../../records/command-parts.ts';
import { queueTimes } from '../../records/queue-times.ts';
import type { RunRecord } from '../../report/read-record.ts';

/** A run as values with pointers, in groups: what a comparison looks at. Pure. */

export const FACT_GROUPS = ['design', 'code', 'environment', 'inputs', 'usage', 'end'] as const;
export type FactGroup = (typeof FACT_GROUPS)[number];
export type FactValue = string | number | boolean | null;

export type FactsOfRun = Readonly<Record<FactGroup, Facts>>;
export type Facts = ReadonlyMap<string, FactValue>;

export interface FactsWanted {
  /** What a run that is open is measured to. */
  readonly at: string;
  /** What the entrypoint found, which not every record has. */
  readonly environment: boolean;
}

export function factsOfRun(record: RunRecord, { at, environment }: FactsWanted): FactsOfRun {
  return {
    design: designFacts(record),
    code: codeFactsOf(record),
    environment: environmentFacts(record, environment ? (record.environment ?? {}) : {}),
    inputs: inputFacts(record),
    usage: usageFacts(record, at),
    end: endFacts(record),
  };
}

/** Numbers that stand beside what was written. */
const READ_FROM = /^(?:time_seconds|memory(?:_per_[cg]pu)?_mb)$/;

function designFacts({ manifest, view }: RunRecord): Facts {
  const { program, arguments: given } = commandParts(view.opened);
  const { experiment_id, resource_request: asked, entrypoint } = manifest;
  const compute = Object.entries(asked).filter(([key]) => !READ_FROM.test(key));
  const byHand = entrypoint.script_source === 'hand_written';
  return new Map<string, FactValue>([
    ['/experiment_id', experiment_id],
    ['/entrypoint', program],
    ...[...given].map(([name, value]) => [`/arguments${pointerOf([name])}`, value] as const),
    ...compute.map(([key, value]) => [`/compute${pointerOf([key])}`, scalar(value)] as const),
    ...tasksFacts(view.opened),
    ['/artifacts', view.opened.artifacts.map(({ path }) => path).join(', ')],
    ...(byHand ? [['/script', entrypoint.script_sha256] as const] : []),
  ]);
}

/** The limits that the design says, and what its parameters are; the list by its digest. */
function tasksFacts({ tasks }: RunRecord['view']['opened']): readonly (readonly [string, FactValue])[] {
  if (tasks === undefined) return [];
  const { count, sha256, parameters, max_parallel, max_failures, workers, time_seconds } = tasks;
  const limits = { max_parallel, max_failures, workers, time_seconds };
  return [
    ['/tasks/count', count],
    ['/tasks/list', sha256],
    ...parameters.map(({ name, values, min, max }) => {
      const range = min === null || max === null ? '' : `, ${min} to ${max}`;
      return [`/tasks/parameters${pointerOf([name])}`, `${values} values${range}`] as const;
    }),
    ...Object.entries(limits).map(([key, value]) => [`/tasks${pointerOf([key])}`, value] as const),
  ];
}

function scalar(value: unknown): FactValue {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : canonicalLine(value);
}

function codeFactsOf({ manifest: { commit } }: RunRecord): Facts {
  return new Map<string, FactValue>([
    ['/commit/sha', commit.sha],
    ['/commit/branch', commit.branch],
    ['/commit/dirty', commit.dirty],
    ['/commit/code_digest', commit.code_digest ?? commit.tree_digest],
    ['/commit/run_from', commit.run_from ?? 'work_tree'],
  ]);
}

const ENVIRONMENT_DOCUMENT = 'docs/environment.md';
/** They differ with every job. */
const OF_THE_JOB = /^\/variables\/SLURM/;

function environmentFacts({ manifest, view }: RunRecord, environment: Readonly<Record<string, unknown>>): Facts {
  const host = manifest.slurm === undefined ? manifest.host.probes.hostname.stdout.trim() : null;
  return new Map<string, FactValue>([
    ['/activation', view.opened.activation_sha256],
    ['/host', host],
    ['/nodes', manifest.slurm?.nodes ?? null],
    ...Object.entries(manifest.environment_set ?? {}).map(([name, value]) => [`/set/${name}`, value] as const),
    ...flattened(environment, '').filter(([pointer]) => !OF_THE_JOB.test(pointer)),
  ]);
}

function flattened(value: unknown, pointer: string): readonly (readonly [string, FactValue])[] {
  if (typeof value !== 'object' || value === null) return [[pointer, scalar(value)]];
  if (Array.isArray(value))
    return [[pointer, value.map((one) => (typeof one === 'string' ? one : canonicalLine(one))).join(', ')]];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, `${pointer}${pointerOf([key])}`));
}

/** The documents that count for the fingerprint, wherever the experiment's folder is; and data. */
function inputFacts({ manifest: { inputs, iteration_id, data_inputs = [] } }: RunRecord): Facts {
  const folder = `experiments/${iteration_id}/`;
  const documents = Object.entries(inputs)
    .filter(
      ([path]) => !path.startsWith('.autolab/') && !path.endsWith('/design.yaml') && path !== ENVIRONMENT_DOCUMENT,
    )
    .map(([path, digest]) => [path.replace(folder, 'experiments/{{iteration_id}}/'), digest] as const);
  return new Map<string, FactValue>([
    ...documents.map(([path, digest]) => [pointerOf([path]), digest] as const),
    ...data_inputs.map(({ path, sha256 }) => [`/data${pointerOf([path])}`, sha256] as const),
  ]);
}

function usageFacts({ manifest, view }: RunRecord, at: string): Facts {
  const { queued_seconds, running_seconds } = queueTimes(view, at);
  const { cpu_seconds, max_rss_bytes } = manifest.usage.used;
  return new Map<string, FactValue>([
    ['/queued_seconds', queued_seconds],
    ['/running_seconds', running_seconds],
    ['/cpu_seconds', cpu_seconds],
    ['/max_rss_bytes', max_rss_bytes],
  ]);
}

function endFacts({ manifest }: RunRecord): Facts {
  const { status, outcome, code, local, slurm } = manifest;
  return new Map<string, FactValue>([
    ['/status', status],
    ['/outcome', outcome],
    ['/code', code],
    ['/exit_code', slurm?.exit_code ?? local?.exit_code ?? null],
    ['/signal', local?.signal ?? null],
    ['/state', slurm?.state ?? null],
    ...Object.entries(manifest.tasks?.result?.by_state ?? {}).map(
      ([state, count]) => [`/tasks/${state}`, count] as const,
    ),
  ]);
}
