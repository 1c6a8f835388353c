import { exists } from '../../platform/files.ts';
import { differingNames } from '../../records/command-parts.ts';
import { runPaths } from '../../records/paths.ts';
import { listRuns } from '../../run/claim.ts';
import { lightState } from '../../run/light-state.ts';
import { flag, maybeText, texts } from '../check-options.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { chooseRows } from '../runs/choose.ts';
import { metricsReader } from '../runs/metrics.ts';
import { type ReadRow, readRow, type RunRow } from '../runs/row.ts';
import { type ProjectTree, projectTrees } from '../runs/trees.ts';
import type { Verb } from '../verb.ts';

export type { PrimaryValue } from '../runs/metrics.ts';
export type { RunRow } from '../runs/row.ts';

export interface RunsOptions {
  /** The runs of all iterations, also in the other work trees of the repository. Default: false, those of the current iteration. */
  readonly all?: boolean;
  /** Only runs that meet every condition, such as `status=failed`, `lr=0.1` or `accuracy>0.9`. Default: [], all. */
  readonly where?: readonly string[];
  /** A column, an argument or a metric: a metric with a direction best first, the others upwards; `-` before it reverses. Default: null, oldest first. */
  readonly sort?: string | null;
}

export interface RunsResult extends VerbResult {
  /** Oldest first, unless they are sorted. */
  readonly runs?: readonly RunRow[];
  /** The names of the arguments that are not the same in all of them. */
  readonly differing_arguments?: readonly string[];
}

export const runs: Verb<RunsOptions> = {
  name: 'runs',
  options: { all: flag, where: texts, sort: maybeText },
  perform: async ({ root }, { all = false, where = [], sort = null }) => {
    const trees = all ? await projectTrees(root) : [{ name: '.', root }];
    const current = all ? null : (lightState(root)?.iteration_id ?? '');
    const chosen = chooseRows(oldestFirst(trees.flatMap((tree) => rowsOf(tree, current))), { where, sort });
    if (!chosen.ok) return resultOfFailure('runs', chosen.failure);
    const rows = chosen.value;
    const differing = differingNames(
      rows.filter(({ program }) => program !== null).map((row) => new Map(Object.entries(row.arguments))),
    );
    return succeed('runs', wordsOf(rows, where.length > 0), {
      details: { runs: rows, differing_arguments: differing } satisfies Partial<RunsResult>,
    });
  },
};

/** What cannot be read is left out; a run that was copied into several trees is that of the first one. */
function rowsOf({ name, root }: ProjectTree, iteration: string | null): readonly ReadRow[] {
  const metricsOf = metricsReader();
  return listRuns(root)
    .filter(({ iterationId }) => iteration === null || iterationId === iteration)
    .filter((run) => exists(runPaths(root, run.iterationId, run.runId).folder))
    .map((run) => readRow(root, run, name, metricsOf));
}

function oldestFirst(read: readonly ReadRow[]): readonly RunRow[] {
  const seen = new Set<string>();
  const own = read.filter(({ row, head }) => {
    const key = `${row.iteration_id}/${row.run_id} ${head ?? row.tree}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return own.map(({ row }) => row).sort((a, b) => ((a.started_at ?? a.run_id) < (b.started_at ?? b.run_id) ? -1 : 1));
}

function wordsOf(rows: readonly RunRow[], isFiltered: boolean): { readonly message: string; readonly hint: string } {
  if (rows.length > 0) return { message: `${rows.length} run(s).`, hint: 'See one: autolab show RUN' };
  if (isFiltered) return { message: 'No run meets the conditions.', hint: 'List all runs: autolab runs --all' };
  return { message: 'There are no runs yet.', hint: 'Start one: autolab launch' };
}
