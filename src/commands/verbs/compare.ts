import { failureOf } from '../../errors/failure.ts';
import { now } from '../../platform/time.ts';
import type { RunRecord } from '../../report/read-record.ts';
import { peekRun } from '../../run/session.ts';
import { required, texts } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { comparedFiles } from '../looks/compared-files.ts';
import { comparisonOf, type RunsComparison } from '../looks/comparison.ts';
import { recordOfRun } from '../looks/record-of-run.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export type { ComparedFile, ComparedFiles } from '../looks/compared-files.ts';
export type { ComparedMetric, ComparedRun, Difference, RunsComparison, Sameness } from '../looks/comparison.ts';
export type { FactGroup, FactValue } from '../looks/facts-of-run.ts';

export interface CompareOptions {
  /** Two or more, each `RUN` or `ITERATION/RUN`. */
  readonly runs: readonly string[];
}

export interface CompareResult extends VerbResult, Partial<RunsComparison> {}

const NAME = 'compare';
const MOST_RUNS = 20;

/** Reads records alone, and asks git for lines of two commits. */
export const compareRuns: Verb<CompareOptions> = {
  name: NAME,
  options: { runs: required(texts) },
  perform: async ({ root }, { runs: names }) => {
    if (names.length < 2 || names.length > MOST_RUNS)
      return resultOfFailure(
        NAME,
        failureOf('usage', {
          message: `compare takes 2 to ${MOST_RUNS} runs, not ${names.length}.`,
          hint: 'List the runs: autolab runs --all',
        }),
      );
    const records: RunRecord[] = [];
    for (const name of names) {
      const record = recordNamed(root, name);
      if ('outcome' in record) return record;
      records.push(record);
    }
    const comparison = comparisonOf(records, await comparedFiles(root, records), now());
    return succeed(NAME, wordsOf(comparison), { details: { ...comparison } satisfies Partial<CompareResult> });
  },
};

function recordNamed(root: string, name: string): RunRecord | CommandResult {
  const found = findRun(root, name);
  if (!found.ok) return resultOfFailure(NAME, found.failure);
  const { iterationId: iteration_id, runId: run_id } = found.value;
  const peek = peekRun(root, found.value);
  if (peek.kind === 'run') return recordOfRun(root, peek);
  const failure =
    peek.kind === 'corrupt'
      ? peek.failure
      : failureOf('run.not_found', { message: `The run ${run_id} has no record: nothing has started yet.` });
  return resultOfFailure(NAME, failure, { iteration_id, run_id });
}

function wordsOf({ compared, same, differences }: RunsComparison): { readonly message: string; readonly hint: string } {
  const which = compared.length === 2 ? 'The two runs' : `The ${compared.length} runs`;
  const message =
    same.inputs === null
      ? `${which} cannot be compared by their fingerprints: ${same.reason ?? ''}.`
      : same.inputs
        ? `${which} are the same run: equal fingerprints${same.environment === false ? ', in another environment' : ''}.`
        : `${which} are not the same run: their fingerprints differ.`;
  return { message, hint: differences.length === 0 ? 'Nothing differs.' : '' };
}
