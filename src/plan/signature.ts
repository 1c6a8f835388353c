import { join } from 'node:path';
import { problemOfFile } from '../documents/located.ts';
import { readDocument } from '../platform/document.ts';
import { readTextOrNull, removeFolder, writeFileAtomic } from '../platform/files.ts';
import { type ProcessResult, run } from '../platform/process.ts';
import { quotePosix } from '../platform/quoting.ts';
import { sentence } from '../platform/sentence.ts';
import { makeTemporaryFolder } from '../platform/temporary-folder.ts';
import { type AllowedSigner, parseAllowedSigners, whyNotSigned } from '../project/allowed-signers.ts';
import { LAUNCH_CONFIG_FILE, type LaunchConfig } from '../project/launch-config.ts';
import { reviewFileOf } from '../project/read.ts';
import type { Review } from '../project/review.ts';
import { SIGNATURE_NAMESPACE, signatureFileOf, signedText } from '../project/signed-review.ts';
import type { Objection } from '../run/objection.ts';
import { committedReviewSettings, isAsCommitted } from './committed-settings.ts';
import { signersPlace } from './signers-place.ts';

/** With `review: {signers}` a review counts only with the signature of a key that the file names. */

/** The file of the keys that may approve. */
export interface SignersFile {
  /** Absolute. */
  readonly path: string;
  /** As in launch.yaml. */
  readonly name: string;
  readonly signers: readonly AllowedSigner[];
}

const MOST_BYTES = 1024 * 1024;
const PATIENCE_MS = 30_000;

/** Returns null if no signature is asked for. */
export async function readSigners(root: string, config: LaunchConfig): Promise<SignersFile | Objection | null> {
  const committed = await committedReviewSettings(root);
  const { signers: name, four_eyes: fourEyes } = config.review;
  const isWeaker =
    committed !== null &&
    ((committed.signers !== null && committed.signers !== name) || (committed.four_eyes && !fourEyes));
  if (isWeaker)
    return {
      code: 'review.signers',
      message: `${LAUNCH_CONFIG_FILE} asks for other reviewers than it does in the commit.`,
      hint: `Restore it: git checkout HEAD -- ${LAUNCH_CONFIG_FILE}. Or commit the change: git commit -m "Change who may approve" -- ${LAUNCH_CONFIG_FILE}`,
      problems: [problemOfFile(LAUNCH_CONFIG_FILE, 'review.signers', '`review` differs from the commit')],
    };
  return name === null ? null : readSignersFile(root, name);
}

async function readSignersFile(root: string, name: string): Promise<SignersFile | Objection> {
  const { path, within, link } = signersPlace(root, name);
  const objection = (message: string, hint: string): Objection => ({
    code: 'review.signers',
    message: sentence(message),
    hint,
    problems: [problemOfFile(name, 'review.signers', message)],
  });
  if (link !== null)
    return objection(
      `${name}, the file of the keys that may approve, is behind a symbolic link (${link}), so it is not what the commit has`,
      `Restore it: git checkout HEAD -- ${quotePosix(link)}. If the link is in the commit, too, commit the file in its place.`,
    );
  const read = readDocument(path, MOST_BYTES);
  const write = `Write a line for each reviewer into ${name}: WHO namespaces="${SIGNATURE_NAMESPACE}" ssh-ed25519 KEY; docs/how-to/approve.md shows how.`;
  if (read.kind !== 'text') return objection(`${name}, the file of the keys that may approve, cannot be read`, write);
  const signers = parseAllowedSigners(read.text);
  if (signers.length === 0) return objection(`${name} names no key that may approve`, write);
  if (within !== null && !(await isAsCommitted(root, within, read.text)))
    return objection(
      `${name} is not as in the commit, so anybody may have changed it`,
      `Look at it, then commit it: git add -f -- ${quotePosix(name)} && git commit -m "Name the reviewers" -- ${quotePosix(name)}`,
    );
  return { path, name, signers };
}

/** Why the review's signature does not count; empty if it does, or none is asked for. */
export async function signatureObjections(
  root: string,
  iterationId: string,
  review: Review | null,
  config: LaunchConfig,
): Promise<readonly Objection[]> {
  const signers = await readSigners(root, config);
  if (signers === null) return [];
  if ('code' in signers) return [signers];
  const file = reviewFileOf(iterationId);
  if (review?.status !== 'pass') return [];
  const armored = readTextOrNull(join(root, signatureFileOf(file)));
  const unsigned = (message: string): readonly Objection[] => [
    {
      code: 'review.unsigned',
      message: sentence(message),
      problems: [problemOfFile(file, 'review.unsigned', 'no signature counts for it')],
    },
  ];
  if (armored === null) return unsigned(`The review is not signed, and ${LAUNCH_CONFIG_FILE} asks for a signature`);
  if ((review.approved?.design ?? null) === null)
    return unsigned('The review is signed, and names nothing that it approves');
  const by = review.reviewed_by;
  if (by === null) return unsigned('The review does not say who signed it (`reviewed_by`)');
  const failed = await whyUnverified(root, signers, { text: signedText(iterationId, review), by, armored });
  return failed === null ? [] : [failed];
}

export interface SignedText {
  readonly text: string;
  readonly by: string;
  /** The signature's text. */
  readonly armored: string;
}

/** Asks ssh-keygen. Returns null if the signature counts. */
export async function whyUnverified(
  root: string,
  { path, name, signers }: SignersFile,
  { text, by, armored }: SignedText,
): Promise<Objection | null> {
  const refused = (why: string): Objection => ({
    code: 'review.bad_signature',
    message: `The signature of the review does not count: ${why}.`,
  });
  if (/[\p{Cc}]/u.test(by)) return refused('the name of the reviewer has control characters');
  const checked = await inTemporaryFile(armored, (signature) =>
    run(['ssh-keygen', '-Y', 'verify', '-f', path, '-I', by, '-n', SIGNATURE_NAMESPACE, '-s', signature], {
      cwd: root,
      timeoutMs: PATIENCE_MS,
      stdin: text,
    }),
  );
  const unusable = sshKeygenTrouble(checked);
  if (unusable !== null) return unusable;
  return checked.exitCode === 0 ? null : refused(whyNotSigned(signers, armored, by, name));
}

/** Null if ssh-keygen gave an answer, whatever it is. */
export function sshKeygenTrouble({ spawnError, timedOut, stderr }: ProcessResult): Objection | null {
  const why =
    spawnError !== null
      ? `it cannot be started: ${spawnError}`
      : timedOut
        ? 'it did not answer in time'
        : /(unknown|illegal|invalid) option/i.test(stderr)
          ? 'it is older than 8.1'
          : null;
  return why === null ? null : { code: 'review.no_ssh_keygen', message: `ssh-keygen cannot be used: ${why}.` };
}

/** ssh-keygen reads a signature, and a public key that no file has, from a file only. */
export async function inTemporaryFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = makeTemporaryFolder('autolab-signature-');
  try {
    const path = join(folder, 'text');
    writeFileAtomic(path, text, 0o600);
    return await use(path);
  } finally {
    removeFolder(folder);
  }
}
