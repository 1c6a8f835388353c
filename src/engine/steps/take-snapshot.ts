import { join } from 'node:path';
import type { RecordedCode } from '../../code/record.ts';
import { editableInstalls } from '../../code/snapshot/editable.ts';
import { makeSnapshot } from '../../code/snapshot/make.ts';
import { planSnapshot } from '../../code/snapshot/plan.ts';
import { lstatOrNull } from '../../platform/files.ts';
import { firstFew } from '../../platform/listing.ts';
import { monotonicMs } from '../../platform/time.ts';
import type { CommitRecord } from '../../records/manifest-schema.ts';
import type { SnapshotOrder } from '../../records/run-data.ts';
import { SNAPSHOTS } from '../../records/snapshot-place.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepFailed } from '../../run/step.ts';
import { siteOfRun } from '../../sites/site.ts';

/** The part of record-code that gives a run a tree of its own. */

export type Taken =
  | { readonly kind: 'taken'; readonly commit: CommitRecord; readonly writes: readonly string[] }
  /** These files changed since they were listed: they are to be listed again. */
  | { readonly kind: 'changed'; readonly files: readonly string[] }
  | StepFailed;

export async function takeCodeSnapshot(
  ctx: RunContext,
  { prefix, link }: SnapshotOrder,
  { commit, found, digests }: RecordedCode,
): Promise<Taken> {
  if (found?.prefix !== prefix) return failed('The repository of the project is another one than before the launch.');
  const began = monotonicMs();
  const { run_id: runId } = viewOf(ctx).opened;
  const plan = planSnapshot({ found, digests, project: siteOfRun(ctx).root, links: link });
  ctx.lease.assertHeld();
  const made = await makeSnapshot(plan, { root: ctx.root, from: found.base, runId, signal: ctx.control.signal });
  if (made.kind === 'changed') return made;
  const { copied, linked } = made.kind === 'made' ? made : { copied: 0, linked: plan.files.length };
  const seconds = Math.round(monotonicMs() - began) / 1000;
  return {
    kind: 'taken',
    commit: {
      ...commit,
      notes: [...commit.notes, ...notesOn(ctx.root, link, found.base)],
      run_from: 'snapshot',
      snapshot: { digest: plan.digest, link: [...link], copied, linked, seconds },
    },
    writes: [`${SNAPSHOTS}/${plan.digest}`, `${SNAPSHOTS}/runs/${runId}`],
  };
}

/** It costs no attempt: the next launch lists the code again. */
export function stillChanging(files: readonly string[]): StepFailed {
  return failed(`Files change while the snapshot of the code is made: ${firstFew(files, 5)}.`);
}

function failed(message: string): StepFailed {
  return { kind: 'failed', code: 'code.snapshot', retryable: true, message };
}

function notesOn(root: string, links: readonly string[], tree: string): readonly string[] {
  const missing = links.filter((path) => lstatOrNull(join(root, path)) === null);
  const editable = editableInstalls(root, links, tree);
  return [
    ...(missing.length === 0 ? [] : [`linked, but not there: ${missing.join(', ')}`]),
    ...(editable.length === 0
      ? []
      : [
          `Python imports from the work tree, not from the snapshot, by ${firstFew(editable, 3)} (an editable install?)`,
        ]),
  ];
}
