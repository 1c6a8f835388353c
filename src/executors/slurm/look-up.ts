import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import type { StepPaused } from '../../run/step.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { accountedByNameArgv, judgeLookup, lookupArgv, parseAccountedByName } from '../../schedulers/slurm/lookup.ts';
import { parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { refresh, submitterOf } from '../../sites/table.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { leaving } from './leaving.ts';
import { marksOfJob, orderOf } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/**
 * Whether a job of this run is in the queue. A held job stays there until it is released or cancelled, so its absence
 * means something; one answer alone does not, once `sbatch` was called and its answer was lost.
 */
export type LookUp =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly jobId: string }
  | { readonly kind: 'paused'; readonly end: StepPaused };

/** How many answers must agree that there is no job before another one is submitted. */
const AGREEING = 4;
/** The controller may restart meanwhile; after this the driver leaves, and the next call continues. */
const PATIENCE_MS = 180_000;
/** The pause after the first unanswered question; doubled after each further one. */
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;

export async function jobUnderOurName(ctx: RunContext): Promise<LookUp> {
  const { unanswered, tried } = viewOf(ctx).submissions;
  const bound = submitterOf(ctx).mayArriveForMs(tried, Date.parse(now()));
  const windowMs = unanswered ? Math.max(bound, orderOf(ctx).reconcile_seconds * 1000) : 0;
  const wanted = unanswered ? AGREEING : 1;
  // A killed driver leaves its `sbatch` behind, which may still get through.
  if (tried > 0) await submitterOf(ctx).endForgotten(`--job-name=${orderOf(ctx).key}`);
  const began = monotonicMs();
  let lastAnswer = began;
  let retryMs = RETRY_MS;
  for (let agreed = 0; ;) {
    const lost = await refresh(ctx);
    const answer = lost === null ? await askQueue(ctx) : { jobId: null, clear: false };
    const jobId = answer.jobId ?? ownerInReceipt(ctx);
    if (jobId !== null) return { kind: 'found', jobId };
    if (answer.clear) {
      agreed += 1;
      lastAnswer = monotonicMs();
      retryMs = RETRY_MS;
    }
    if (agreed >= wanted && monotonicMs() - began >= windowMs) return await settleNone(ctx, unanswered);
    const standing = unanswered ? 'Whether the job was submitted is still unknown.' : 'Nothing was submitted yet.';
    const left = leaving(ctx, standing);
    if (left !== null) return { kind: 'paused', end: left };
    if (monotonicMs() - lastAnswer > PATIENCE_MS) return { kind: 'paused', end: unreachable(standing) };
    await sleep(unanswered && answer.clear ? windowMs / (AGREEING - 1) : retryMs, ctx.control.signal);
    if (!answer.clear) retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  }
}

interface LookedUp {
  readonly jobId: string | null;
  /** A successful query: that there is no job is then an answer. */
  readonly clear: boolean;
}

/** If several jobs have our name, the first one is ours; the others are removed from the queue. */
async function askQueue(ctx: RunContext): Promise<LookedUp> {
  // The folder as it was submitted: the project may have another path today.
  const { key, chdir } = marksOfJob(ctx);
  const result = await ask(ctx, lookupArgv(key));
  keepAnswer(ctx, 'squeue.lookup.txt', result);
  const found = judgeLookup(result, { key, chdir });
  noteRead(ctx, 'submit', { command: 'squeue', answer: `jobs named ${key}: ${describe(found)}` });
  if (found.kind === 'no_answer') return { jobId: null, clear: false };
  if (found.kind === 'none') return { jobId: null, clear: true };
  const owner = ownerInReceipt(ctx);
  const [first, ...others] =
    owner !== null && found.jobIds.includes(owner)
      ? [owner, ...found.jobIds.filter((jobId) => jobId !== owner)]
      : found.jobIds;
  // Any job that is not held may have claimed the run by now: the fence lets one run, the end cancels the rest.
  // A job whose cancel was not answered is looked up again before the run is closed.
  if (others.length > 0 && orderOf(ctx).hold) {
    const copies = others.map((jobId) => ({ jobId, name: key }));
    await cancelJobs(ctx, copies, 'submitted twice; the first one is the run', 'submit');
  }
  return { jobId: first ?? null, clear: true };
}

function describe(found: ReturnType<typeof judgeLookup>): string {
  if (found.kind === 'found') return found.jobIds.join(', ');
  return found.kind === 'none' ? 'none' : `no answer (${found.words})`;
}

/** A site that does not hold jobs may have let it run already. */
function ownerInReceipt(ctx: RunContext): string | null {
  return parseJobClaim(readReceipt(ctx.paths, CLAIM_FILE))?.job_id ?? null;
}

/** Accounting does not show held jobs, so it can only say that there is one. */
async function settleNone(ctx: RunContext, unanswered: boolean): Promise<LookUp> {
  if (!unanswered) return { kind: 'none' };
  const { key } = orderOf(ctx);
  const result = await ask(ctx, accountedByNameArgv(key));
  keepAnswer(ctx, 'sacct.lookup.txt', result);
  const [jobId] = parseAccountedByName(result, key);
  noteRead(ctx, 'submit', { command: 'sacct', answer: `jobs named ${key}: ${jobId ?? 'none'}` });
  if (jobId !== undefined) return { kind: 'found', jobId };
  ctx.journal.append('submit', 'submit.settled', { found: 'none' });
  return { kind: 'none' };
}

function unreachable(standing: string): StepPaused {
  return { kind: 'paused', code: 'slurm.unreachable', message: `The Slurm controller does not answer. ${standing}` };
}
