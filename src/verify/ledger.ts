import { compareLedger } from '../records/ledger.ts';
import { judgedManifest } from './judged-manifest.ts';
import { failed, passed, skipped, type Verifier } from './results.ts';

/** A submitted job is in the ledger (R24); a local run does not have a line there. */
export const verifyLedger: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  if (judged.manifest.job_id === undefined) return skipped('No job was submitted: only jobs are listed.');
  const { path, text, problem } = snapshot.ledger;
  const compared = compareLedger(text ?? '', judged.manifest);
  if (compared.ok) return passed('The job is in the ledger.');
  return failed(compared.failure.message, [
    `${path}${problem === null ? '' : ` ${problem}`}: ${compared.failure.hint}`,
  ]);
};
