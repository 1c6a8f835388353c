import { join } from 'node:path';
import { canonicalJson } from '../../documents/canonical-json.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { guardPlace } from '../../plan/guard.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { readDocument } from '../../platform/document.ts';
import { makeFolder, removeDurably, writeFileIfChanged } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { type JsonObject, parseObject } from '../../platform/json-object.ts';
import { readGuardDocuments, reviewFileOf } from '../../project/read.ts';
import { parseReview, type Review } from '../../project/review.ts';
import { signatureFileOf } from '../../project/signed-review.ts';
import type { State } from '../../project/state.ts';
import { isAt, positionOf } from '../../run/state-file.ts';

/** A reviewer's decision, as `review_result.json` has it. */

export interface ReviewDecided extends Review {
  readonly note: string | null;
}

const MOST_BYTES = 4 * 1024 * 1024;
/** What is there of a review by other programs: their keys stay, and so do the results of their checks. */
export function reviewThere(
  root: string,
  iterationId: string,
): Pick<Review, 'required_checks'> & { readonly keys: JsonObject } {
  const file = reviewFileOf(iterationId);
  const read = readDocument(join(root, file), MOST_BYTES);
  const text = read.kind === 'text' ? read.text : null;
  const review = text === null ? null : parseReview(text, file).draft;
  return { keys: parseObject(text) ?? {}, required_checks: review?.required_checks ?? {} };
}

/** The text of the file, and the review that it says: what is signed is what a reader reads. */
export function composeReview(
  root: string,
  iterationId: string,
  decided: ReviewDecided,
): { readonly text: string; readonly review: Review } {
  const { keys, required_checks: there } = reviewThere(root, iterationId);
  const ours = { ...decided, required_checks: { ...there, ...decided.required_checks } };
  // A key that is not understood would make a review of the one that is written now unreadable, too.
  for (const others of [keys, {}]) {
    const text = canonicalJson({ ...others, ...ours });
    const { value } = parseReview(text, reviewFileOf(iterationId));
    if (value !== null) return { text, review: value };
  }
  throw new Error('the review that was composed cannot be read');
}

export interface ReviewFiles {
  readonly iterationId: string;
  readonly text: string;
  /** null removes one that is there: it was given to another review. */
  readonly signature: string | null;
  /** What was approved, for the gate to name what changed since; null if no code is listed. */
  readonly listing: string | null;
}

/** Where `approve` keeps the listing that it approved. */
const LISTINGS = '.autolab/approved';

/** A link that leads out of the project in the place of what is written; null if there is none. */
export function guardReviewFiles(root: string, iterationId: string): Failure | null {
  const file = reviewFileOf(iterationId);
  for (const place of [file, signatureFileOf(file), LISTINGS]) {
    const escape = guardPlace(root, place);
    if (escape !== null) return escape;
  }
  return null;
}

/** Harmless to repeat. What the review refers to comes before the review. */
export function writeReview(root: string, { iterationId, text, signature, listing }: ReviewFiles): void {
  const file = join(root, reviewFileOf(iterationId));
  if (listing !== null) {
    makeFolder(join(root, LISTINGS));
    writeFileIfChanged(join(root, LISTINGS, `${sha256(listing)}.sha256`), listing);
  }
  crashPoint('approval.listing_kept');
  makeFolder(join(file, '..'));
  if (signature !== null) writeFileIfChanged(signatureFileOf(file), signature);
  crashPoint('approval.signature_written');
  writeFileIfChanged(file, text);
  if (signature === null) removeDurably(signatureFileOf(file));
}

/** To be asked under the lease: whether the workflow is where it was when the reviewer looked. */
export function stateMoved(root: string, from: State): Failure | null {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents.failure;
  const { state } = documents.value;
  if (state.iteration_id === from.iteration_id && isAt(state, positionOf(from))) return null;
  return failureOf('approval.changed', {
    message: `The workflow moved meanwhile: it is at ${state.iteration_id}, stage ${state.stage}; nothing was written.`,
    hint: 'See: autolab status',
  });
}
