import { countLines } from '../launch-scripts/lint.ts';
import { limitFor, manifestLimit, manifestLimitTarget } from '../project/line-limits.ts';
import { judgedManifest } from './judged-manifest.ts';
import { counted, failed, passed, type Verifier } from './results.ts';
import { limitedPath } from './snapshot.ts';

/** No file is longer than `.autolab/experiment_file_line_limits.yaml` allows (R25). Files that are not there are not too long. */
export const verifyLineBudgets: Verifier = (snapshot) => {
  const { limits, limits_problems, run_id, iteration_id } = snapshot;
  if (limits_problems.length > 0) return failed('The line limits cannot be read.', limits_problems);
  const judged = judgedManifest(snapshot);
  const manifestPath = `runs/${run_id}/run_manifest.json`;
  // Before the close the file may be older than what will be written.
  const counts = { ...snapshot.line_counts, ...(judged.ok ? { [manifestPath]: countLines(judged.text) } : {}) };
  const results = judged.ok ? (judged.manifest.artifacts?.bytes ?? 0) : 0;
  const fixed = Object.keys(limits.fixed).map((pattern) => limitedPath(pattern, run_id));
  const budgets = [
    ...fixed.map((path) => ({ path, limit: limitFor(limits, path, run_id) })),
    { path: manifestLimitTarget(limits, run_id) ?? '', limit: manifestLimit(limits, results) },
  ];
  const found = budgets.flatMap(({ path, limit }) => {
    const lines = counts[path];
    return limit === null || lines === undefined ? [] : [{ path, limit, lines }];
  });
  const over = found.filter(({ limit, lines }) => lines > limit);
  if (over.length === 0) return passed(`${counted(found.length, 'file')} within budget.`);
  const details = over.map(
    ({ path, limit, lines }) =>
      `experiments/${iteration_id}/${path}:${limit + 1}:1: ${lines} lines, ${limit} are allowed`,
  );
  return failed(`${counted(over.length, 'file')} longer than allowed.`, details);
};
