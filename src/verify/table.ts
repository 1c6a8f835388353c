import type { VerifierResult } from '../records/manifest-schema.ts';
import { verifyApproval } from './approval.ts';
import { verifyArtifactDigests } from './artifact-digests.ts';
import { verifyCodeRebuildable } from './code-rebuildable.ts';
import { verifyJournal } from './journal.ts';
import { verifyLedger } from './ledger.ts';
import { verifyLineBudgets } from './line-budgets.ts';
import { verifyLogsPresent } from './logs-present.ts';
import { verifyManifestSchema } from './manifest-schema.ts';
import { verifyPathScope } from './path-scope.ts';
import { verifyPlaceholders } from './placeholders.ts';
import { verifyProjection } from './projection.ts';
import { verifyRequiredArtifacts } from './required-artifacts.ts';
import type { Verifier } from './results.ts';
import { verifyScriptLint } from './script-lint.ts';
import type { VerifySnapshot } from './snapshot.ts';
import { verifySyncStatus } from './sync-status.ts';
import { verifyTasks } from './tasks.ts';

/** Every verifier by its name, in the order in which they are shown: first the records, then what they speak of. */
export const VERIFIERS: readonly (readonly [string, Verifier])[] = [
  ['journal', verifyJournal],
  ['manifest_schema', verifyManifestSchema],
  ['projection', verifyProjection],
  ['logs_present', verifyLogsPresent],
  ['required_artifacts', verifyRequiredArtifacts],
  ['artifact_digests', verifyArtifactDigests],
  ['sync_status', verifySyncStatus],
  ['approval', verifyApproval],
  ['script_lint', verifyScriptLint],
  ['line_budgets', verifyLineBudgets],
  ['placeholders', verifyPlaceholders],
  ['path_scope', verifyPathScope],
  ['ledger', verifyLedger],
  ['code_rebuildable', verifyCodeRebuildable],
];

/** Those of a run with many tasks, besides. */
const OF_TASKS: typeof VERIFIERS = [['tasks', verifyTasks]];

/** One result a verifier, in the order of the tables. Pure. */
export function verifyAll(snapshot: VerifySnapshot): VerifierResult[] {
  const all = snapshot.tasks === null ? VERIFIERS : [...VERIFIERS, ...OF_TASKS];
  return all.map(([name, verifier]) => ({ name, ...verifier(snapshot) }));
}
