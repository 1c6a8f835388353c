import type { ConfirmResult } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import {
  accountedFolderArgv,
  type AccountingAnswer,
  accountingArgv,
  accountingDetailArgv,
  type JobEnd,
  judgeAccounting,
  parseAccountedFolder,
  parseAccounting,
} from '../../schedulers/slurm/accounting.ts';
import type { Unfinished } from '../../schedulers/slurm/accounting-rows.ts';
import { isKey } from '../../schedulers/slurm/submit.ts';
import { efficiencyOf, usageOf } from '../../schedulers/slurm/usage.ts';
import { jobNameOf, marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/** A confirmed end: the facts that are judged, and what is recorded of them. */
export interface Ended {
  readonly facts: JobEnd;
  readonly result: ConfirmResult;
  readonly writes: readonly string[];
}

export type Books =
  | { readonly kind: 'ended'; readonly end: Ended; readonly words: string; readonly unfinished: Unfinished | null }
  | { readonly kind: Exclude<AccountingAnswer['kind'], 'ended'>; readonly words: string };

const SAME_MOMENT_MS = 120_000;

/**
 * A user may have renamed our job. A controller that crashed may also have given its id to the next job within seconds,
 * so that the id and the time of submission do not identify it: the folder does, unless it belongs to another run of
 * the project.
 */
async function renamedSince(
  ctx: RunContext,
  detail: Parameters<typeof judgeAccounting>[0],
  jobId: string,
): Promise<Extract<AccountingAnswer, { kind: 'ended' }> | null> {
  const answer = judgeAccounting(detail, { jobId });
  const ours = viewOf(ctx).job?.at;
  if (answer.kind !== 'ended' || answer.end.submittedAt === null || ours === undefined) return null;
  const apart = Math.abs(Date.parse(answer.end.submittedAt) - Date.parse(ours));
  const name = answer.end.name ?? '';
  if (apart > SAME_MOMENT_MS || isKey(name)) return null;
  const folder = await ask(ctx, accountedFolderArgv(jobId));
  keepAnswer(ctx, 'sacct.folder.txt', folder);
  const isOurs = parseAccountedFolder(folder, jobId) === marksOfJob(ctx).chdir;
  const whose = isOurs ? 'from our folder' : 'not from our folder';
  noteRead(ctx, 'confirm', { command: 'sacct', answer: `job ${jobId}, named ${name}, was submitted ${whose}` });
  return isOurs ? { ...answer, words: `${answer.words}; accounting calls the job ${name}` } : null;
}

/**
 * Asks `sacct` in two calls: the one that decides, and, once that says how the job ended, one for its name, times and
 * usage. The name distinguishes our job from an older one whose id was reused.
 */
export async function askAccounting(ctx: RunContext, jobId: string): Promise<Books> {
  const decides = await ask(ctx, accountingArgv(jobId));
  const first = judgeAccounting(decides, { jobId });
  const writes = [keepAnswer(ctx, 'sacct.txt', decides)];
  noteRead(ctx, 'confirm', { command: 'sacct', answer: first.words });
  if (first.kind !== 'ended') return { kind: first.kind, words: first.words };
  const detail = await ask(ctx, accountingDetailArgv(jobId));
  const named = judgeAccounting(detail, { jobId, key: jobNameOf(ctx) });
  const second = named.kind === 'other_job' ? ((await renamedSince(ctx, detail, jobId)) ?? named) : named;
  writes.push(keepAnswer(ctx, 'sacct.detail.txt', detail));
  noteRead(ctx, 'confirm', { command: 'sacct', answer: second.words });
  if (second.kind !== 'ended') return { kind: second.kind, words: second.words };
  const { end } = second;
  const result: ConfirmResult = {
    source: 'sacct',
    rows: parseAccounting(decides.stdout).map((row) => ({
      job_id: row.job_id,
      state: row.state,
      exit_code: row.exit_code,
      elapsed: row.elapsed,
      max_rss: row.max_rss,
    })),
    state: end.state,
    exit_code: end.exitCode,
    elapsed: end.elapsed,
    max_rss: end.maxRss,
    nodes: end.nodes,
    evidence: [
      `sacct: ${end.state}, exit code ${end.exitCode}`,
      ...renamed(ctx, end),
      ...(second.unfinished === null ? [] : [second.unfinished.words]),
      ...efficiencyOf(end),
    ],
    started_at: end.startedAt,
    ended_at: end.endedAt,
    used: usageOf(end),
  };
  const { words, unfinished } = second;
  return { kind: 'ended', words, end: { facts: end, result, writes }, unfinished };
}

/** For a job whose name has changed: Slurm does not say who changed it, or when. */
export function renamed(ctx: RunContext, end: JobEnd): readonly string[] {
  const ours = jobNameOf(ctx);
  return end.name === null || end.name === ours
    ? []
    : [`the job was submitted as ${ours}, and Slurm calls it ${end.name}`];
}
