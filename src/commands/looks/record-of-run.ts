import { finalMetrics } from '../../report/final-metrics.ts';
import { readRecord, type RunRecord } from '../../report/read-record.ts';
import type { JournalPeek } from '../../run/session.ts';
import { declaredMetrics } from '../runs/metrics.ts';

/** A record with its metrics, also if they were declared after the launch, or the record is too old to have them. */
export function recordOfRun(root: string, { view, paths }: Extract<JournalPeek, { kind: 'run' }>): RunRecord {
  const record = readRecord(view, paths);
  const { manifest, artifacts } = record;
  const declared = manifest.metrics ?? declaredMetrics(root, manifest.iteration_id);
  if (declared === undefined || declared === manifest.metrics) return record;
  return { ...record, metrics: finalMetrics(paths, { ...manifest, metrics: declared }, artifacts) };
}
