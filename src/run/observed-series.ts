import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ByteLines } from '../platform/byte-lines.ts';
import { piecesOf } from '../platform/file-pieces.ts';
import { leadsOutside, lstatOrNull, readBytes } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { METRIC_SERIES_FILE, MetricLines } from '../records/metric-series.ts';
import type { RunPaths } from '../records/paths.ts';
import type { ObservedData } from '../records/run-data.ts';
import { parseUsage, USAGE_FILE } from '../records/usage-series.ts';

/**
 * What a run's samples and metrics come to, for its record. The entrypoint may have written anything in their place:
 * links are not followed, and of what is too large a part is read.
 */

/** A series of the most points is far smaller. */
const MOST_USAGE_BYTES = 4 * 1024 * 1024;
/** What comes after them is only digested. */
const MOST_METRICS_BYTES = 64 * 1024 * 1024;
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Null if there is none. */
export function observedUsage(paths: RunPaths): NonNullable<ObservedData['usage']> | null {
  const path = join(paths.receipt, USAGE_FILE);
  const stats = lstatOrNull(path);
  if (stats?.isFile() !== true || stats.size > MOST_USAGE_BYTES || leadsOutside(paths.folder, path) !== null)
    return null;
  const bytes = readBytes(path);
  const { points } = parseUsage(bytes.toString('utf8'));
  const gpus = points.reduce((most, { gpu }) => Math.max(most, gpu?.length ?? 0), 0);
  return points.length === 0 ? null : { points: points.length, sha256: sha256(bytes), gpus };
}

/** Null if there is none. */
export async function observedMetrics(paths: RunPaths): Promise<NonNullable<ObservedData['metrics']> | null> {
  const path = join(paths.folder, METRIC_SERIES_FILE);
  if (lstatOrNull(path)?.isFile() !== true) return null;
  const [hash, cut, lines] = [createHash('sha256'), new ByteLines(LONGEST_LINE_BYTES), new MetricLines()];
  let read = 0;
  let isCut = false;
  const add = (line: string | null): void => {
    if (line === null) lines.addBad();
    else lines.add(line);
  };
  for await (const piece of piecesOf(path)) {
    hash.update(piece);
    if (isCut || read + piece.length > MOST_METRICS_BYTES) {
      isCut = true;
      continue;
    }
    read += piece.length;
    for (const line of cut.add(piece)) add(line);
  }
  // A line that is cut here may be whole there.
  if (!isCut) add(cut.take());
  const { names, bad_lines } = lines.series();
  return {
    points: lines.count(),
    sha256: hash.digest('hex'),
    bad_lines,
    names: [...names],
    ...(isCut ? { bytes_read: read } : {}),
  };
}
