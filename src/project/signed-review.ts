import { canonicalJson } from '../documents/canonical-json.ts';
import type { Review } from './review.ts';

/** What a signature of a review is given to. Pure. */

/** Of `ssh-keygen -Y`: a signature for another purpose does not count. */
export const SIGNATURE_NAMESPACE = 'autolab';

export function signatureFileOf(reviewFile: string): string {
  return `${reviewFile}.sig`;
}

/** The decision and everything that it was given to, whatever other keys and layout the file has. */
export function signedText(iterationId: string, review: Review): string {
  const { status, required_checks, blocking_findings, reviewed_at, reviewed_by, author, approved } = review;
  return canonicalJson({
    autolab_review: 1,
    iteration_id: iterationId,
    ...{ status, required_checks, blocking_findings, reviewed_at, reviewed_by, author, approved },
  });
}
