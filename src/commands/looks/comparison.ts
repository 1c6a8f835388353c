import type { RunRecord } from '../../report/read-record.ts';
import { decimalDifference } from '../../workflow/results/decimal.ts';
import type { ComparedFiles } from './compared-files.ts';
import { FACT_GROUPS, type FactGroup, type FactsOfRun, factsOfRun, type FactValue } from './facts-of-run.ts';

/** What differs between runs. Pure. */

export interface ComparedRun {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly started_at: string;
  readonly status: string;
  readonly code: string | null;
  /** Of its journal. */
  readonly format: number;
}

export interface Difference {
  readonly group: FactGroup;
  /** In the group (RFC 6901): `/arguments/lr`, `/compute/time`, `/commit/sha`. */
  readonly pointer: string;
  /** One of each run; null where it has none. */
  readonly values: readonly FactValue[];
}

export interface ComparedMetric {
  readonly name: string;
  readonly mode: 'maximize' | 'minimize' | null;
  readonly values: readonly (number | null)[];
  /** That of the last run minus that of the first. */
  readonly delta: number | null;
}

/** Whether runs are the same: null if that cannot be known, and then why. */
export interface Sameness {
  /** Design, code, documents and resources. */
  readonly inputs: boolean | null;
  /** Interpreter, packages and container image. */
  readonly environment: boolean | null;
  readonly reason: string | null;
}

export interface RunsComparison {
  readonly compared: readonly ComparedRun[];
  readonly same: Sameness;
  readonly differences: readonly Difference[];
  /** How many more differences there are. */
  readonly omitted: number;
  readonly files: ComparedFiles;
  /** Every number, equal ones, too. */
  readonly metrics: readonly ComparedMetric[];
}

/** Of one group; packages of two environments can be thousands. */
const MOST_DIFFERENCES = 200;

export function comparisonOf(records: readonly RunRecord[], files: ComparedFiles, at: string): RunsComparison {
  const environment = records.every((record) => record.environment !== null);
  const facts = records.map((record) => factsOfRun(record, { at, environment }));
  const groups = FACT_GROUPS.map((group) => differencesIn(group, facts));
  return {
    compared: records.map(({ manifest }) => ({
      run_id: manifest.run_id,
      iteration_id: manifest.iteration_id,
      started_at: manifest.started_at,
      status: manifest.status,
      code: manifest.code,
      format: manifest.journal.format,
    })),
    same: samenessOf(records),
    differences: groups.flatMap((all) => all.slice(0, MOST_DIFFERENCES)),
    omitted: groups.reduce((sum, all) => sum + Math.max(0, all.length - MOST_DIFFERENCES), 0),
    files,
    metrics: [...metricsIn(records), ...statisticsIn(records)],
  };
}

function differencesIn(group: FactGroup, facts: readonly FactsOfRun[]): readonly Difference[] {
  const own = facts.map((one) => one[group]);
  const pointers = [...new Set(own.flatMap((one) => [...one.keys()]))];
  return pointers.flatMap((pointer) => {
    const values = own.map((one) => one.get(pointer) ?? null);
    return new Set(values).size === 1 ? [] : [{ group, pointer, values }];
  });
}

/** Over the tasks of runs that have many: beside the metrics, which are those of the best setting. */
function statisticsIn(records: readonly RunRecord[]): readonly ComparedMetric[] {
  const all = records.map(({ tasks }) => tasks?.measured.metrics ?? []);
  const names = [...new Set(all.flatMap((metrics) => metrics.map(({ name }) => name)))];
  return names.flatMap((name) => {
    const own = all.map((metrics) => metrics.find((metric) => metric.name === name)?.statistics ?? null);
    return (['n', 'mean', 'standard_deviation', 'min', 'max'] as const).map((key) => {
      const values = own.map((statistics) => statistics?.[key] ?? null);
      return { name: `${name}, ${STATISTIC_WORDS[key]} of all tasks`, mode: null, values, delta: deltaOf(values) };
    });
  });
}

const STATISTIC_WORDS = {
  n: 'number',
  mean: 'mean',
  standard_deviation: 'std. dev.',
  min: 'smallest',
  max: 'largest',
} as const;

function metricsIn(records: readonly RunRecord[]): readonly ComparedMetric[] {
  const names = [...new Set(records.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
  return names.map((name) => {
    const own = records.map(({ metrics }) => metrics.find((metric) => metric.name === name) ?? null);
    const values = own.map((metric) => metric?.value ?? null);
    const mode = own.findLast((metric) => metric?.mode !== undefined && metric.mode !== null)?.mode ?? null;
    return { name, mode, values, delta: deltaOf(values) };
  });
}

/** Of the last against the first; null if one of them is no number. */
export function deltaOf(values: readonly FactValue[]): number | null {
  const [first, last] = [values[0], values.at(-1)];
  return typeof first === 'number' && typeof last === 'number' ? decimalDifference(last, first) : null;
}

function samenessOf(records: readonly RunRecord[]): Sameness {
  const manifests = records.map(({ manifest }) => manifest);
  const formats = [...new Set(manifests.map(({ journal }) => journal.format))].sort();
  const environments = manifests.map((manifest) => manifest.environment_fingerprint ?? null);
  const environment = environments.includes(null) ? null : new Set(environments).size === 1;
  if (formats.length > 1)
    return {
      inputs: null,
      environment,
      reason: `their records have the formats ${formats.join(' and ')}, each with a fingerprint of its own`,
    };
  if (manifests.some(({ commit }) => (commit.code_digest ?? commit.tree_digest) === null))
    return { inputs: null, environment, reason: 'the record of a run does not have its code' };
  return { inputs: new Set(manifests.map(({ fingerprint }) => fingerprint)).size === 1, environment, reason: null };
}
