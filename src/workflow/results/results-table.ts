import type { BlockMarks } from '../../documents/marked-block.ts';
import { strongestBaseline, writtenDelta, writtenValue } from './analysis.ts';
import type { AnalysedMetric, Analysis } from './analysis-schema.ts';
import { oneLine } from './markdown-text.ts';
import { inOrderOfRuns, primaryOf, verdictNote } from './summary.ts';

/** The table of `docs/results.md`: a row for each run that was analysed. Pure; the analyses alone decide. */

export const RESULTS_MARKS: BlockMarks = {
  begin: '<!-- autolab:results:begin (made by autolab document; write outside of these marks) -->',
  end: '<!-- autolab:results:end -->',
  isBegin: /^\s*<!--\s*autolab:results:begin\b.*-->\s*$/,
  isEnd: /^\s*<!--\s*autolab:results:end\b.*-->\s*$/,
};

const HEAD = `| experiment | run | commit | metric | value | delta | verdict | report |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

/** Lines with LF. `toRoot`: from the page's folder to the project's, with a last slash. */
export function resultsTable(
  analyses: readonly Analysis[],
  toRoot: string,
  notExtracted: readonly UnextractedRun[],
): string {
  const rows = inOrderOfRuns(analyses).map((analysis) => rowOf(analysis, toRoot));
  const table = rows.length === 0 ? 'No results yet.\n' : `${HEAD}${rows.join('')}`;
  return notExtracted.length === 0 ? table : `${table}\n${notExtractedLine(notExtracted)}\n`;
}

export interface UnextractedRun {
  readonly iterationId: string;
  readonly runId: string;
}

/** Empty if there is none. */
export function notExtractedLine(runs: readonly UnextractedRun[]): string {
  if (runs.length === 0) return '';
  const ids = runs.map(({ runId }) => oneLine(runId)).join(', ');
  return `Completed, but not extracted: ${ids} (autolab extract RUN).`;
}

function rowOf(analysis: Analysis, toRoot: string): string {
  const { run, iteration_id: iteration, experiment_id: experiment } = analysis;
  const metric = primaryOf(analysis);
  const cells = [
    experiment === '' ? iteration : experiment,
    run.run_id,
    run.commit === null ? '-' : `${run.commit.slice(0, 12)}${run.dirty === true ? ' and changes' : ''}`,
    metric?.name ?? '-',
    metric === null ? '-' : writtenValue(metric),
    metric === null ? '-' : deltaOf(metric),
    verdictNote(analysis),
  ].map(oneLine);
  return `| ${cells.join(' | ')} | [summary](${toRoot}experiments/${inLink(iteration)}/summary.md) |\n`;
}

function deltaOf(metric: AnalysedMetric): string {
  const strongest = strongestBaseline(metric);
  if (strongest === null || strongest.delta === null) return '-';
  return `${strongest.delta > 0 ? '+' : ''}${writtenDelta(metric, strongest)} (${strongest.name})`;
}

function inLink(name: string): string {
  return encodeURIComponent(name).replaceAll(/[()'*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `experiments/ID/docs_update.md`: what the page says of this experiment. */
export function docsUpdateText(
  iterationId: string,
  page: string,
  analyses: readonly Analysis[],
  notExtracted: readonly UnextractedRun[],
): string {
  const own = analyses.filter(({ iteration_id }) => iteration_id === iterationId);
  const missing = notExtracted.filter((run) => run.iterationId === iterationId);
  const table = resultsTable(own, '../../', missing);
  return `# Documentation of ${oneLine(iterationId)}\n\n\`${page}\` says of it:\n\n${table}`;
}
