import { type GrowingDelay, growingDelay, grown } from '../../platform/growing-delay.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import { accountedByNameArgv, judgeLookup, lookupArgv, parseAccountedByName } from '../../schedulers/slurm/lookup.ts';
import { submitterOf } from '../../sites/table.ts';
import { callName } from './call-name.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { jobClaimIn } from './job-receipts.ts';
import { controllerAway, leaving, patienceMs } from './leaving.ts';
import { chunkOf, hasOthers, keyOf, marksOfJob, ofChunk, orderOf } from './order.ts';
import { ask, askWithNews, keepAnswer, noteRead, type SlurmReply, type WithNews } from './scheduler.ts';

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
/** The pause after an unanswered question. */
const RETRY = growingDelay(5_000, 60_000);

/** When the absence of a job counts. */
interface Goal {
  /** sbatch was called, and its answer was lost. */
  readonly unanswered: boolean;
  readonly answers: number;
  readonly windowMs: number;
  /** The controller may restart meanwhile; after this the driver leaves, and the next call continues. */
  readonly patienceMs: number;
  /** For the user who leaves before. */
  readonly standing: string;
}

interface Search {
  readonly beganMs: number;
  /** Successful queries that found none. */
  readonly agreed: number;
  readonly lastAnswerMs: number;
  readonly retry: GrowingDelay;
}

/** `early`: the queue's answer, if it was asked a moment ago; it counts before the first call of sbatch. */
export async function jobUnderOurName(ctx: RunContext, chunk = 0, early: WithNews | null = null): Promise<LookUp> {
  const goal = goalOf(ctx, chunk);
  // A killed driver leaves its `sbatch` behind, which may still get through.
  if (chunkOf(ctx, chunk).submissions.tried > 0) await submitterOf(ctx).endForgotten(`--job-name=${keyOf(ctx, chunk)}`);
  const beganMs = monotonicMs();
  let given = chunkOf(ctx, chunk).submissions.tried > 0 ? null : early;
  for (let search: Search = { beganMs, agreed: 0, lastAnswerMs: beganMs, retry: RETRY }; ;) {
    const answer = await askQueue(ctx, chunk, given);
    given = null;
    const jobId = answer.jobId ?? ownerInReceipt(ctx);
    if (jobId !== null) return { kind: 'found', jobId };
    if (answer.clear) search = agreedAt(search, monotonicMs());
    if (isSettled(goal, search, monotonicMs())) return await settleNone(ctx, chunk, goal.unanswered);
    const left = leaving(ctx, goal.standing) ?? outOfPatience(goal, search, monotonicMs());
    if (left !== null) return { kind: 'paused', end: left };
    await sleep(pauseMs(goal, search, answer.clear), ctx.control.signal);
    if (!answer.clear) search = { ...search, retry: grown(search.retry) };
  }
}

function goalOf(ctx: RunContext, chunk: number): Goal {
  const { unanswered, tried } = chunkOf(ctx, chunk).submissions;
  const patience = patienceMs(ctx, chunk);
  if (!unanswered)
    return {
      ...{ unanswered, answers: 1, windowMs: 0, patienceMs: patience },
      standing: hasOthers(ctx, chunk) ? 'The rest of the tasks is not submitted yet.' : 'Nothing was submitted yet.',
    };
  const bound = submitterOf(ctx).mayArriveForMs(callName(ctx, chunk, tried), Date.parse(now()));
  const windowMs = Math.max(bound, orderOf(ctx).reconcile_seconds * 1000);
  const standing = 'Whether the job was submitted is still unknown.';
  return { unanswered, answers: AGREEING, windowMs, patienceMs: patience, standing };
}

function agreedAt(search: Search, nowMs: number): Search {
  return { ...search, agreed: search.agreed + 1, lastAnswerMs: nowMs, retry: RETRY };
}

function isSettled({ answers, windowMs }: Goal, { agreed, beganMs }: Search, nowMs: number): boolean {
  return agreed >= answers && nowMs - beganMs >= windowMs;
}

function outOfPatience(goal: Goal, { lastAnswerMs }: Search, nowMs: number): StepPaused | null {
  const { patienceMs: patience, standing } = goal;
  return nowMs - lastAnswerMs > patience ? controllerAway(standing) : null;
}

/** The answers that must agree are spread over the window. */
function pauseMs({ unanswered, windowMs }: Goal, { retry }: Search, clear: boolean): number {
  return unanswered && clear ? windowMs / (AGREEING - 1) : retry.ms;
}

interface LookedUp {
  readonly jobId: string | null;
  /** A successful query: that there is no job is then an answer. */
  readonly clear: boolean;
}

const NO_ANSWER: LookedUp = { jobId: null, clear: false };

/** The question whether the queue has a job under our name. */
export function lookupOf(ctx: RunContext, chunk: number): readonly string[] {
  return lookupArgv(keyOf(ctx, chunk));
}

async function askQueue(ctx: RunContext, chunk: number, given: WithNews | null): Promise<LookedUp> {
  const { replies, lost } = given ?? (await askWithNews(ctx, [lookupOf(ctx, chunk)]));
  const [reply] = replies;
  return lost === null && reply !== undefined ? judgeQueue(ctx, chunk, reply) : NO_ANSWER;
}

/** If several jobs have our name, the first one is ours; the others are removed from the queue. */
async function judgeQueue(ctx: RunContext, chunk: number, result: SlurmReply): Promise<LookedUp> {
  // The folder as it was submitted: the project may have another path today.
  const { key, chdir } = marksOfJob(ctx, chunk);
  keepAnswer(ctx, 'squeue.lookup.txt', result);
  const found = judgeLookup(result, { key, chdir });
  noteRead(ctx, 'submit', { command: 'squeue', answer: `jobs named ${key}: ${describe(found)}` });
  if (found.kind === 'no_answer') return NO_ANSWER;
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

/** A site that does not hold jobs may have let it run already. Tasks have claims of their own. */
function ownerInReceipt(ctx: RunContext): string | null {
  return viewOf(ctx).opened.tasks === undefined ? (jobClaimIn(ctx.paths)?.job_id ?? null) : null;
}

/** Accounting does not show held jobs, so it can only say that there is one. */
async function settleNone(ctx: RunContext, chunk: number, unanswered: boolean): Promise<LookUp> {
  if (!unanswered) return { kind: 'none' };
  const key = keyOf(ctx, chunk);
  const result = await ask(ctx, accountedByNameArgv(key));
  keepAnswer(ctx, 'sacct.lookup.txt', result);
  const [jobId] = parseAccountedByName(result, key);
  noteRead(ctx, 'submit', { command: 'sacct', answer: `jobs named ${key}: ${jobId ?? 'none'}` });
  if (jobId !== undefined) return { kind: 'found', jobId };
  ctx.journal.append('submit', 'submit.settled', { found: 'none', ...ofChunk(ctx, chunk) });
  return { kind: 'none' };
}
