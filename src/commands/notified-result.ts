import { CATALOG } from '../errors/catalog.ts';
import { readTextOrNull } from '../platform/files.ts';
import { parseJournal } from '../records/journal.ts';
import { allOf } from '../records/journal-events.ts';
import { runPaths } from '../records/paths.ts';
import type { AttemptFailedData } from '../records/run-data.ts';
import { readAbandoned } from '../run/abandoned.ts';
import type { Notification } from '../run/notification.ts';
import { wasCounted } from '../run/outcome.ts';
import { peekRun } from '../run/session.ts';
import { flatten, resultOfCode, stageKeys, type VerbResult } from './result.ts';
import { partsOfRun, resultOfClosed } from './run-result.ts';

const COMMAND = 'launch';

/** The result that the launch had, from the record of the run: the same for every attempt. Null if that is gone. */
export function resultOfNotification(root: string, notification: Notification): VerbResult | null {
  const { run_id, iteration_id, experiment_id, line } = notification;
  const ids = { iterationId: iteration_id, runId: run_id };
  const paths = runPaths(root, iteration_id, run_id);
  const peek = peekRun(root, ids);
  if (peek.kind === 'run' && line !== null) {
    const { view } = peek;
    if (view.closed !== null && line === lastLineOf(paths.journal)) return flatten(resultOfClosed(COMMAND, view));
    const failure = failureAt(paths.journal, line);
    if (failure === null) return null;
    const hint = failure.hint ?? CATALOG[failure.code].hint;
    const parts = {
      ...partsOfRun(view),
      ...stageKeys(failure.before, failure.after),
      attempt_counted: wasCounted(failure),
      outcome: notification.outcome,
    };
    return flatten(resultOfCode(COMMAND, failure.code, { message: failure.message, hint, ...parts }));
  }
  const abandoned = readAbandoned(paths, run_id);
  if (abandoned === null) return null;
  const message = `${abandoned.by} abandoned the run: ${abandoned.note} (${abandoned.problem})`;
  const parts = { iteration_id, experiment_id, run_id, run_dir: paths.relative, status: 'failed' };
  return flatten(resultOfCode(COMMAND, 'run.abandoned', { message, hint: CATALOG['run.abandoned'].hint, ...parts }));
}

function lastLineOf(journal: string): number {
  const read = parseJournal(readTextOrNull(journal) ?? '');
  return read.kind === 'intact' ? read.head.lines : 0;
}

/** The failure that the journal counted at this line. */
function failureAt(journal: string, line: number): AttemptFailedData | null {
  const read = parseJournal(readTextOrNull(journal) ?? '');
  const failures = read.kind === 'intact' ? allOf(read.entries, 'attempt.failed') : [];
  return failures.find(({ seq }) => seq === line)?.data ?? null;
}
