/** What `approve` checks, and a review must have. Apart from `review.ts`, which has schemas. */
export const REQUIRED_CHECKS = ['tests', 'dry_run', 'schema', 'env_smoke', 'docs_target_update'] as const;
