import type { Code } from '../../errors/catalog.ts';
import type { Recommendation } from '../../errors/failure.ts';
import { readTail } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { progressOf } from '../../run/progress.ts';
import { moreMemory, moreTime } from '../../run/recommend.ts';

/** The end of the log, which says how far the run got. */
const ADVISING_BYTES = 64 * 1024;

/** What would probably help after a run that ended badly. `peakBytes`: of its memory, if that was measured. */
export function adviceAfter(
  paths: Pick<RunPaths, 'stdoutLog' | 'stderrLog'>,
  view: RunView,
  code: Code,
  peakBytes: number | null,
): readonly Recommendation[] {
  const { iteration_id: iterationId, resource_request: asked } = view.opened;
  if (code === 'local.timeout' && asked.time_seconds !== null) {
    const out = readTail(paths.stdoutLog, ADVISING_BYTES);
    // Many programs report their progress on stderr.
    const tail = progressOf(out ?? '') === null ? readTail(paths.stderrLog, ADVISING_BYTES) : out;
    return [moreTime(iterationId, asked.time ?? null, asked.time_seconds, tail)];
  }
  if (code === 'local.out_of_memory')
    return [moreMemory(iterationId, asked.memory ?? null, asked.memory_mb, peakBytes)];
  return [];
}
