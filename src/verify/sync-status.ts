import { endedBadly, judgedManifest } from './judged-manifest.ts';
import { failed, passed, skipped, type Verifier, warned } from './results.ts';

/** The outputs are here (R20): without that the workflow does not leave the stage. */
export const verifySyncStatus: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  const { artifact_sync_to_local: sync, sync: both } = judged.manifest;
  if (sync.status === 'ok')
    return passed(
      `The outputs are here (${both.to_local.method === 'none' ? 'nothing had to be transferred' : both.to_local.method}).`,
    );
  if (endedBadly(judged.manifest))
    return warned('The run did not complete; what it left is partial.', both.to_local.diagnosis);
  return failed(`artifact_sync_to_local.status is ${sync.status}.`, both.to_local.diagnosis);
};
