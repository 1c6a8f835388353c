import { compareLedger } from '../records/ledger.ts';
import { judgedManifest } from './judged-manifest.ts';
import { failed, passed, skipped, type Verifier, warned } from './results.ts';

/** A submitted job is in the ledger (R24); a local run does not have a line there. */
export const verifyLedger: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  if (judged.manifest.job_id === undefined) return skipped('No job was submitted: only jobs are listed.');
  const { path, text, problem } = snapshot.ledger;
  const compared = compareLedger(text ?? '', judged.manifest);
  if (compared.ok) return passed('The job is in the ledger.');
  // The record itself holds: the ledger is the project's in which the run was made.
  if (snapshot.copied && snapshot.journal.closed)
    return warned('The run was made in another project, whose ledger lists its job; this one does not.', [
      compared.failure.message,
    ]);
  return failed(compared.failure.message, [
    `${path}${problem === null ? '' : ` ${problem}`}: ${compared.failure.hint}`,
  ]);
};
