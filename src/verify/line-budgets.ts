import { countLines } from '../launch-scripts/lint.ts';
import { limitFor, type LineLimits, manifestLimit, manifestLimitTarget } from '../project/line-limits.ts';
import { type JudgedManifest, judgedManifest } from './judged-manifest.ts';
import { counted, failed, passed, type Verifier, VERIFIERS_RUN } from './results.ts';
import { limitedPath, type VerifySnapshot } from './snapshot.ts';

/** No file is longer than `.autolab/experiment_file_line_limits.yaml` allows (R25). Files that are not there are not too long. */
export const verifyLineBudgets: Verifier = (snapshot) => {
  const { limits, limits_problems, run_id, iteration_id } = snapshot;
  if (limits_problems.length > 0) return failed('The line limits cannot be read.', limits_problems);
  const judged = judgedManifest(snapshot);
  const manifestPath = `runs/${run_id}/run_manifest.json`;
  // Before the close the file may be older than what will be written.
  const counts = { ...snapshot.line_counts, ...(judged.ok ? { [manifestPath]: linesAtTheEnd(judged, snapshot) } : {}) };
  const results = judged.ok ? (judged.manifest.artifacts?.bytes ?? 0) : 0;
  const fixed = Object.keys(limits.fixed).map((pattern) => limitedPath(pattern, run_id));
  const target = manifestLimitTarget(limits, run_id) ?? '';
  const budgets = [
    ...fixed.map((path) => ({ path, limit: limitFor(limits, path, run_id) })),
    { path: target, limit: manifestLimit(limits, results, judged.ok ? judged.manifest : null) },
  ];
  const found = budgets.flatMap(({ path, limit }) => {
    const lines = counts[path];
    return limit === null || lines === undefined ? [] : [{ path, limit, lines }];
  });
  const over = found.filter(({ limit, lines }) => lines > limit);
  const tooLarge = judged.ok && target === manifestPath ? sizesOver(judged.text, limits) : [];
  if (over.length + tooLarge.length === 0) return passed(`${counted(found.length, 'file')} within budget.`);
  const details = [
    ...over.map(({ path, limit, lines }) => `${path}:${limit + 1}:1: ${lines} lines, ${limit} are allowed`),
    ...tooLarge.map((words) => `${target}:1:1: ${words}`),
  ];
  const files = new Set([...over.map(({ path }) => path), ...(tooLarge.length > 0 ? [target] : [])]);
  return failed(
    `${counted(files.size, 'file')} longer than .autolab/experiment_file_line_limits.yaml allows.`,
    details.map((detail) => `experiments/${iteration_id}/${detail}`),
  );
};

/** With the lines that the results of the verifiers and the close add. */
function linesAtTheEnd({ manifest, text }: Extract<JudgedManifest, { ok: true }>, snapshot: VerifySnapshot): number {
  const lines = countLines(text);
  if (snapshot.journal.closed || manifest.verifiers.length > 0) return lines;
  const compact = snapshot.journal.opened?.manifest_layout === 'compact';
  const verifiers = VERIFIERS_RUN + (snapshot.tasks === null ? 0 : 1);
  const tasks = snapshot.tasks === null ? 0 : compact ? 9 : 23;
  return lines + tasks + (compact ? verifiers + 2 : 6 * verifiers + 3);
}

function sizesOver(text: string, { manifest }: LineLimits): string[] {
  const sizes = [
    { what: 'characters', size: Array.from(text).length, most: manifest?.max_chars ?? null },
    { what: 'bytes', size: Buffer.byteLength(text), most: manifest?.max_bytes ?? null },
  ];
  return sizes.flatMap(({ what, size, most }) =>
    most !== null && size > most ? [`${size} ${what}, ${most} are allowed`] : [],
  );
}
