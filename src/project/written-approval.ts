import * as z from 'zod';

/** `approved` of `review_result.json`, as it is written. Apart from `approved.ts`, which `status` reads without schemas. */

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 digest: 64 hex digits, lower case');

export const writtenApproval = z.object({
  code: digest.nullish(),
  design: digest.nullish(),
  environment: digest.nullish(),
  inputs: z.record(z.string(), digest).nullish(),
  tasks: digest.nullish(),
  commit: z.string().nullish(),
});
