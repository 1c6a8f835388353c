import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/platform/ids.ts';
import { approvedDigest } from '../../src/project/approved.ts';
import { edit, makeProject } from './project.ts';

const ENVIRONMENT = 'docs/environment.md';

/** Writes an approval of the design and the environment as they are; returns its digest. The code is not approved. */
export function approveDocuments(root: string, iterationId = 'iter1'): string {
  const digestOf = (path: string): string => sha256(readFileSync(join(root, path)));
  const design = digestOf(`experiments/${iterationId}/design.yaml`);
  const approved = { code: null, design, environment: digestOf(ENVIRONMENT), inputs: {}, tasks: null, commit: null };
  edit(root, `experiments/${iterationId}/review_result.json`, (text) =>
    JSON.stringify({ ...(JSON.parse(text) as object), approved }, null, 2),
  );
  return approvedDigest(approved);
}

/** At the stage `implementation_review`, with no review yet. */
export function reviewable(options: Parameters<typeof makeProject>[0] = {}): string {
  const root = makeProject({ git: true, ...options, state: { stage: 'implementation_review', ...options.state } });
  rmSync(join(root, 'experiments/iter1/review_result.json'));
  return root;
}
