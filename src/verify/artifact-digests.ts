import { sha256 } from '../platform/ids.ts';
import { parseChecksums } from '../records/checksums.ts';
import { isArtifactPath } from '../records/listing.ts';
import { judgedManifest } from './judged-manifest.ts';
import { counted, failed, type Finding, passed, skipped, type Verifier, warned } from './results.ts';
import type { VerifySnapshot } from './snapshot.ts';

/**
 * `artifacts.sha256` is the one whose digest is in the manifest, and the files are those that it lists (X7). What was
 * changed or is missing fails; what came later is only reported. Without digests in the snapshot only the lists are
 * compared.
 */
export const verifyArtifactDigests: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  const { artifacts } = judged.manifest;
  if (artifacts === null) return skipped('Nothing has been collected.');
  const { path, text, problem } = snapshot.artifact_sums;
  if (text === null) return failed(`${path} ${problem ?? ''}`);
  if (sha256(text) !== artifacts.sha256) return failed(`${path} does not have the digest that the manifest gives.`);
  const { value, problems } = parseChecksums(text, path);
  if (value === null)
    return failed(
      `${path} cannot be read.`,
      problems.map((one) => `${one.file}:${String(one.line)}:1: ${one.message}`),
    );
  return compare(snapshot, new Map(value.map((entry) => [entry.path, entry.sha256])));
};

function compare({ run_folder, listing, digests }: VerifySnapshot, listed: ReadonlyMap<string, string>): Finding {
  const here = new Set(listing.entries.filter((entry) => entry.kind !== 'other').map((entry) => entry.path));
  const missing = [...listed.keys()].filter((path) => !here.has(path));
  const changed =
    digests === null
      ? []
      : [...listed].filter(([path, digest]) => here.has(path) && digests.files[path] !== digest).map(([path]) => path);
  const additional = [...here].filter((path) => isArtifactPath(path) && !listed.has(path));
  const details = [
    ...missing.map((path) => `${run_folder}/${path}: is missing`),
    ...changed.map((path) => `${run_folder}/${path}: has changed`),
    ...(digests?.problems ?? []).map((problem) => `${run_folder}/${problem}`),
    ...listing.problems.map((problem) => `${run_folder}/${problem.file}: ${problem.message}`),
  ];
  if (details.length > 0)
    return failed(`${counted(missing.length, 'artifact')} missing, ${changed.length} changed.`, details);
  if (additional.length > 0) {
    return warned(
      `${counted(additional.length, 'file')} appeared after the artifacts were digested.`,
      additional.map((path) => `${run_folder}/${path}: is not listed`),
    );
  }
  return passed(`${counted(listed.size, 'file')} ${digests === null ? 'listed and here' : 'as digested'}.`);
}
