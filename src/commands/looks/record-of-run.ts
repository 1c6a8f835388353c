import { finalMetrics } from '../../report/final-metrics.ts';
import { readRecord, type RunRecord } from '../../report/read-record.ts';
import { finalMetricsOfTasks, recordedTasks } from '../../report/tasks/tasks-of-run.ts';
import type { JournalPeek } from '../../run/session.ts';
import { declaredMetrics } from '../runs/metrics.ts';

/** A record with its metrics, also if they were declared after the launch, or the record is too old to have them. */
export function recordOfRun(root: string, { view, paths }: Extract<JournalPeek, { kind: 'run' }>): RunRecord {
  const record = readRecord(view, paths);
  const { manifest, artifacts } = record;
  const declared = manifest.metrics ?? declaredMetrics(root, manifest.iteration_id);
  if (declared === undefined || declared === manifest.metrics) return record;
  const judged = { ...manifest, metrics: declared };
  const tasks = recordedTasks(paths, judged, artifacts);
  const metrics = tasks === null ? finalMetrics(paths, judged, artifacts) : finalMetricsOfTasks(judged, tasks);
  return { ...record, tasks, metrics };
}
