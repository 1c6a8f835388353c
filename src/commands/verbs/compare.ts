import { failureOf, ok, type Result } from '../../errors/failure.ts';
import { writeFileIfChanged } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import type { RunRecord } from '../../report/read-record.ts';
import { peekRun } from '../../run/session.ts';
import { maybeText, required, texts } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { comparedFiles } from '../looks/compared-files.ts';
import { comparisonOf, type RunsComparison } from '../looks/comparison.ts';
import { comparisonPage } from '../looks/comparison-page.ts';
import { recordOfRun } from '../looks/record-of-run.ts';
import { outputPlace } from '../pages/output-place.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export type { ComparedFile, ComparedFiles } from '../looks/compared-files.ts';
export type { ComparedMetric, ComparedRun, Difference, RunsComparison, Sameness } from '../looks/comparison.ts';
export type { FactGroup, FactValue } from '../looks/facts-of-run.ts';

export interface CompareOptions {
  /** Two or more, each `RUN` or `ITERATION/RUN`. */
  readonly runs: readonly string[];
  /** Write the comparison as a page to this file; `-`: return it as `page`. Default: null, no page. */
  readonly html?: string | null;
}

export interface CompareResult extends VerbResult, Partial<RunsComparison> {
  /** Where the page is, as `html` says. */
  readonly report?: string;
  /** The page itself; only for `html: '-'`. */
  readonly page?: string;
}

const NAME = 'compare';
const MOST_RUNS = 20;

/** Reads records alone, and asks git for lines of two commits. */
export const compareRuns: Verb<CompareOptions> = {
  name: NAME,
  options: { runs: required(texts), html: maybeText },
  perform: async ({ root }, { runs: names, html = null }) => {
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
    const words = wordsOf(comparison);
    const page = html === null ? null : writtenPage(html, comparisonPage(comparison, words.message));
    if (page !== null && !page.ok) return resultOfFailure(NAME, page.failure);
    const details = { ...comparison, ...page?.value } satisfies Partial<CompareResult>;
    return succeed(NAME, words, { details });
  },
};

function writtenPage(html: string, page: string): Result<Pick<CompareResult, 'report' | 'page'>> {
  if (html === '-') return ok({ page });
  const place = outputPlace(html);
  if (!place.ok) return place;
  writeFileIfChanged(place.value, page);
  return ok({ report: html });
}

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
