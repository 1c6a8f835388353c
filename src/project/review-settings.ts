/** `review` and `checks` of `.autolab/launch.yaml`: who may approve, and what is run before. */

export interface ReviewSettings {
  /** The file of the keys that may approve, absolute or relative to the root; null if no signature is asked for. */
  readonly signers: string | null;
  /** Nobody approves their own work. */
  readonly four_eyes: boolean;
}

export interface CheckSettings {
  /** argv of the project's tests; null if there are none. */
  readonly tests: readonly string[] | null;
  /** How long they may take. */
  readonly timeout_seconds: number;
}

export const DEFAULT_REVIEW: ReviewSettings = { signers: null, four_eyes: false };
export const DEFAULT_CHECKS: CheckSettings = { tests: null, timeout_seconds: 600 };

/** What may be left out, or null. */
type Written<T> = { readonly [Key in keyof T]?: T[Key] | null | undefined } | null | undefined;

export function withReviewDefaults(given: {
  readonly review: Written<ReviewSettings>;
  readonly checks: Written<CheckSettings>;
}): { readonly review: ReviewSettings; readonly checks: CheckSettings } {
  return {
    review: {
      signers: given.review?.signers ?? DEFAULT_REVIEW.signers,
      four_eyes: given.review?.four_eyes ?? DEFAULT_REVIEW.four_eyes,
    },
    checks: {
      tests: given.checks?.tests ?? DEFAULT_CHECKS.tests,
      timeout_seconds: given.checks?.timeout_seconds ?? DEFAULT_CHECKS.timeout_seconds,
    },
  };
}
