import { sha256 } from '../platform/ids.ts';
import { parseChecksums } from '../records/checksums.ts';
import { inputDigest, splitInputList } from '../records/input-list.ts';
import { isArtifactPath } from '../records/listing.ts';
import type { Manifest } from '../records/manifest-schema.ts';
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
  return (
    inputsFinding(judged.manifest, snapshot) ??
    compare(snapshot, new Map(value.map((entry) => [entry.path, entry.sha256])))
  );
};

/** `inputs.sha256` has the digests that the manifest gives. The data themselves are not read: they may be gone. */
function inputsFinding({ data_inputs: inputs = [] }: Manifest, { input_sums: sums }: VerifySnapshot): Finding | null {
  if (inputs.length === 0) return null;
  const { path, text, problem } = sums;
  if (text === null) return failed(`${path} ${problem ?? ''}`);
  const parts = splitInputList(text);
  const other = inputs.filter(({ sha256: digest }, at) => parts === null || inputDigest(parts[at] ?? '-') !== digest);
  if (other.length === 0 && parts?.length === inputs.length) return null;
  return failed(
    `${path} does not have the digests that the manifest gives.`,
    other.map((input) => `${path}: the files of ${input.path} are others`),
  );
}

function compare(
  { run_folder, listing, digests, tasks }: VerifySnapshot,
  listed: ReadonlyMap<string, string>,
): Finding {
  const here = new Set(listing.entries.filter((entry) => entry.kind !== 'other').map((entry) => entry.path));
  const missing = [...listed.keys()].filter((path) => !here.has(path));
  const changed =
    digests === null
      ? []
      : [...listed].filter(([path, digest]) => here.has(path) && digests.files[path] !== digest).map(([path]) => path);
  const additional = [...here].filter((path) => isArtifactPath(path, tasks !== null) && !listed.has(path));
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
