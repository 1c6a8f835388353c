import * as z from 'zod';
import { checked, emptyIsAbsent, line } from './fields.ts';

/** Of `review` and `checks` in `.autolab/launch.yaml`. */

const word = checked((text) => (text.includes('\0') ? 'contains a NUL; remove it' : null));

const review = z.object({ signers: emptyIsAbsent(line), four_eyes: z.boolean().nullish() }).nullish();
const checks = z
  .object({
    tests: z.tuple([line], word).nullish(),
    timeout_seconds: z.number().min(1).max(86_400).nullish(),
  })
  .nullish();

export const REVIEW_KEYS = { review, checks };
