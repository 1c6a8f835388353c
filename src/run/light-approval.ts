import { join } from 'node:path';
import { readTextOrNull } from '../platform/files.ts';
import { type JsonObject, parseObject } from '../platform/json-object.ts';
import { type Approved, approvedDigest, approvedFrom } from '../project/approved.ts';

/** What the review approved, as one digest, without the checks (and the start-up time) of project/review.ts. */

const DIGEST = /^[0-9a-f]{64}$/;

/** Returns null if nothing was approved, or if it cannot be read; the full reader says why. */
export function lightApprovedDigest(root: string, iterationId: string): string | null {
  try {
    const review = parseObject(readTextOrNull(join(root, 'experiments', iterationId, 'review_result.json')));
    const approved = review?.['approved'];
    if (typeof approved !== 'object' || approved === null) return null;
    const written = writtenIn({ ...approved });
    return written === null ? null : approvedDigest(written);
  } catch {
    return null;
  }
}

function writtenIn(approved: JsonObject): Approved | null {
  const { code, design, environment, inputs, tasks } = approved;
  const ofInputs: readonly unknown[] = Object.values(inputs ?? {});
  const digests = [code, design, environment, tasks, ...ofInputs];
  if (!digests.every((value) => value === undefined || value === null || isDigest(value))) return null;
  return approvedFrom({ code, design, environment, inputs, tasks } as Partial<Approved>);
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && DIGEST.test(value);
}
