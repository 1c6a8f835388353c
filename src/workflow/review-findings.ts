import { jsonDocument } from '../documents/json-document.ts';
import { problemIn } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import { reviewFileOf } from '../project/read.ts';
import { parseReview, reviewVerdict } from '../project/review.ts';
import type { State } from '../project/state.ts';

/** What the reviewer who sent the experiment back found: for the author, who is at it now. Reads only. */

/** The words of the reviewer; if there are none, what else the review says against a launch. */
export function reviewFindings(root: string, { iteration_id: iterationId }: State): readonly Problem[] {
  const file = reviewFileOf(iterationId);
  const { text } = readSource(root, file);
  const review = text === null ? null : parseReview(text, file).draft;
  if (text === null || review === null || review.status === 'pass') return [];
  const reasons = reviewVerdict(review);
  const findings = reasons.filter(({ code }) => code === 'review.blocking_findings');
  const document = jsonDocument(text, file);
  return (findings.length > 0 ? findings : reasons).map((reason) => problemIn(document, reason));
}
