import * as z from 'zod';
import { shown } from '../documents/excerpt.ts';
import { jsonDocument } from '../documents/json-document.ts';
import { parsed } from '../documents/located.ts';
import { pointerOf } from '../documents/pointer.ts';
import { readablePart } from '../documents/readable-part.ts';
import { shape, unusedParts } from '../documents/shape.ts';
import type { Drafted } from '../errors/problem.ts';
import { type Approved, approvedFrom } from './approved.ts';
import { REQUIRED_CHECKS } from './required-checks.ts';
import { writtenApproval } from './written-approval.ts';

/** `review_result.json`: the findings of the implementation review. */

const CHECK_RESULTS = ['pass', 'skip', 'fail'] as const;

export interface Review {
  /** null in a draft whose status is not readable. */
  readonly status: 'pass' | 'needs_retry' | 'failed' | null;
  /** The reasons against a launch, one line each. */
  readonly blocking_findings: readonly string[];
  readonly required_checks: Readonly<Record<string, (typeof CHECK_RESULTS)[number]>>;
  readonly reviewed_at: string | null;
  readonly reviewed_by: string | null;
  /** Who wrote what was reviewed, as git names them. */
  readonly author: string | null;
  /** The digests that the approval was given to; null if the review names none. */
  readonly approved: Approved | null;
}

const result = z.enum(CHECK_RESULTS);
const knownChecks = Object.fromEntries(REQUIRED_CHECKS.map((name) => [name, result.optional()]));

const STATUSES = ['pass', 'needs_retry', 'failed'] as const;

const schema = z.object({
  status: z.enum(STATUSES),
  blocking_findings: z.array(z.unknown()).nullish(),
  // Known checks, for their spelling; a project may have others.
  required_checks: z.object(knownChecks).catchall(result).nullish(),
  reviewed_at: z.string().nullish(),
  reviewed_by: z.string().nullish(),
  author: z.string().nullish(),
  approved: writtenApproval.nullish(),
});

/** The same of a review whose status is not readable. */
const draftSchema = schema.extend({ status: z.enum(STATUSES).optional() });

/** Misspelled, these would be no reason against a launch any more. */
const DECISIVE = [
  ...['status', 'blocking_findings', 'required_checks', 'approved'],
  ...['code', 'design', 'environment', 'inputs', 'tasks'].map((key) => `approved.${key}`),
];

const UNUSED = unusedParts(['/reviewed_at', '/reviewed_by', '/author', '/approved/commit']);

const EXAMPLES = { status: '"pass", "needs_retry" or "failed"' };

/** A finding is text, or an object with its text under one of the usual names. */
function findingText(finding: unknown): string {
  if (typeof finding === 'string') return finding;
  if (typeof finding === 'object' && finding !== null) {
    const named = ['message', 'summary', 'title', 'text', 'description', 'finding', 'id']
      .map((key) => (finding as Readonly<Record<string, unknown>>)[key])
      .find((value) => typeof value === 'string' && value !== '');
    if (typeof named === 'string') return named;
  }
  return JSON.stringify(finding);
}

export function parseReview(text: string, file: string): Drafted<Review> {
  const document = jsonDocument(text, file);
  const { value, problems } = shape(document, schema, EXAMPLES, DECISIVE, UNUSED);
  const readable = value ?? (document.value === undefined ? null : readablePart(document.value, draftSchema));
  if (readable === null) return { ...parsed<Review>(file, null, problems), draft: null };
  const draft = reviewOf(readable);
  return { ...parsed(file, value === null ? null : draft, problems), draft };
}

function reviewOf(value: z.infer<typeof draftSchema>): Review {
  const checks = Object.entries(value.required_checks ?? {}).filter(
    (entry): entry is [string, (typeof CHECK_RESULTS)[number]] => entry[1] !== undefined,
  );
  return {
    status: value.status ?? null,
    blocking_findings: (value.blocking_findings ?? []).map(findingText),
    required_checks: Object.fromEntries(checks),
    reviewed_at: value.reviewed_at ?? null,
    reviewed_by: value.reviewed_by ?? null,
    author: value.author ?? null,
    approved: approvedFrom(value.approved ?? null),
  };
}

export interface ReviewReason {
  readonly code: 'review.not_passed' | 'review.check_failed' | 'review.blocking_findings';
  readonly message: string;
  /** Its place in the file. */
  readonly pointer: string;
}

/** Why the review does not allow a launch (R4), one reason each; empty if it does. A skipped check does not block. */
export function reviewVerdict(review: Review): readonly ReviewReason[] {
  const reasons: ReviewReason[] = [];
  if (review.status !== null && review.status !== 'pass')
    reasons.push({
      code: 'review.not_passed',
      message: `the status of the review is \`${review.status}\`, not \`pass\``,
      pointer: '/status',
    });
  for (const [name, outcome] of Object.entries(review.required_checks)) {
    if (outcome !== 'fail') continue;
    const pointer = pointerOf(['required_checks', name]);
    reasons.push({ code: 'review.check_failed', message: `the required check ${shown(name)} failed`, pointer });
  }
  for (const [index, finding] of review.blocking_findings.entries()) {
    const message = `a blocking finding is open: ${shown(finding)}`;
    reasons.push({ code: 'review.blocking_findings', message, pointer: pointerOf(['blocking_findings', index]) });
  }
  return reasons;
}
