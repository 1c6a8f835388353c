import type { Failure } from '../../errors/failure.ts';
import type { GuardDocuments } from '../../project/read.ts';
import { peekRun } from '../../run/session.ts';
import { extractRun } from './extracted.ts';

/** Why `extract` would fail now; null if it would not, or if there is no recorded run to read. Reads only. */
export function unreadResults(root: string, documents: GuardDocuments): Failure | null {
  const { stage, iteration_id: iterationId, last_run_id: runId } = documents.state;
  if (stage !== 'extract_results' || runId === null) return null;
  const peek = peekRun(root, { iterationId, runId });
  if (peek.kind === 'corrupt' || peek.kind === 'unopened' || peek.view.closed === null) return null;
  const extracted = extractRun(root, documents, peek);
  return extracted.ok ? null : extracted.failure;
}
