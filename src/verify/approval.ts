import { judgedManifest } from './judged-manifest.ts';
import { failed, passed, skipped, type Verifier, warned } from './results.ts';

/** What was recorded at launch, which the script compares at its start, is what was approved (X13). */
export const verifyApproval: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  const { approved, commit, data_inputs: data = [] } = judged.manifest;
  if (approved === undefined) return skipped('The review names no digests that it approved.');
  const otherData = Object.entries(approved.inputs).filter(
    ([path, digest]) => data.find((input) => input.path === path)?.sha256 !== digest,
  );
  if (otherData.length > 0)
    return failed(
      'The data that were recorded at launch are not those that were approved.',
      otherData.map(([path, digest]) => `${path}: approved as ${digest}`),
    );
  const named = [approved.design, approved.environment, approved.tasks].filter((digest) => digest !== null);
  if (approved.code === null && named.length === 0) return skipped('The review names no digests that it approved.');
  if (approved.code === null)
    return passed('The documents that the review names are as it approved them; it names no code.');
  const ran = commit.code_digest ?? null;
  if (ran === null)
    return warned('The code was not listed at launch, so it cannot be compared with what was approved.');
  if (ran === approved.code) return passed('The code that was recorded at launch is the code that was approved.');
  return failed('The code that was recorded at launch is not the code that was approved.', [
    `approved: ${approved.code}`,
    `recorded: ${ran}`,
  ]);
};
