import { join } from 'node:path';
import type { Failure } from '../../errors/failure.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { makeFolder } from '../../platform/files.ts';
import { ledgerRowsOf } from '../../records/ledger.ts';
import { appendToLedger } from '../../records/ledger-file.ts';
import { LEDGER } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import type { StepEnd } from '../../run/step.ts';
import { chunkOf, jobIdOf } from './order.ts';
import { holdCheck, releaseJob } from './release.ts';

/** The id is known: manifest, ledger, and only then may the job start. Returns null if it may. */
export async function settleJob(ctx: RunContext, chunk: number): Promise<StepEnd | null> {
  writeManifest(ctx);
  const listed = await enterLedger(ctx);
  if (listed !== null) return listed;
  crashPoint('submit.listed');
  const jobId = jobIdOf(ctx, chunk);
  const by = cancelRequest(ctx);
  if (by !== null) noteCancel(ctx, 'submit', by);
  else if (chunkOf(ctx, chunk).job?.released !== true) {
    const held = await holdCheck(ctx, jobId, chunk);
    if (held.kind === 'paused') return held.end;
    const released = held.release ? await releaseJob(ctx, jobId, chunk) : null;
    if (released !== null) return released;
  }
  return null;
}

/** One line a job in docs/slurm_job_list.md, right after the submission (R24). */
async function enterLedger(ctx: RunContext): Promise<StepEnd | null> {
  const rows = ledgerRowsOf(projectManifest(viewOf(ctx)));
  if (rows.ok && rows.value.length === 0) throw new Error('a Slurm run without a line for the ledger');
  ctx.lease.assertHeld();
  if (rows.ok) makeFolder(join(ctx.root, 'docs'));
  for (const row of rows.ok ? rows.value : []) {
    const appended = await appendToLedger(join(ctx.root, LEDGER), row, viewOf(ctx).opened.tasks !== undefined);
    if (!appended.ok) return notListed(appended.failure);
  }
  return rows.ok ? null : notListed(rows.failure);
}

function notListed({ code, message }: Pick<Failure, 'code' | 'message'>): StepEnd {
  return { kind: 'failed', code, retryable: true, message: `${message} The job waits in the queue, held.` };
}
