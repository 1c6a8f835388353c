import type { ConfirmResult } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import {
  accountedFolderArgv,
  type AccountingAnswer,
  isOnlyRecord,
  type JobEnd,
  judgeAccounting,
  lastAccountedArgv,
  parseAccountedFolder,
  parseAccounting,
} from '../../schedulers/slurm/accounting.ts';
import type { Unfinished } from '../../schedulers/slurm/accounting-rows.ts';
import { isKey } from '../../schedulers/slurm/submit.ts';
import { efficiencyOf, usageOf } from '../../schedulers/slurm/usage.ts';
import { jobNameOf, marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead, type SlurmReply } from './scheduler.ts';

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
 * What `sacct` says in one answer to `accountingArgv`: whether the job has ended, and then how, if it is ours by its name:
 * an id can be reused. Only among several records with the id is sacct asked once more which one it shows.
 */
export async function booksOf(ctx: RunContext, jobId: string, answer: SlurmReply): Promise<Books> {
  const writes = [keepAnswer(ctx, 'sacct.txt', answer)];
  const any = judgeAccounting(answer, { jobId });
  const named = any.kind === 'ended' ? judgeAccounting(answer, { jobId, key: jobNameOf(ctx) }) : any;
  const ours = named.kind === 'other_job' ? ((await renamedSince(ctx, answer, jobId)) ?? named) : named;
  noteRead(ctx, 'confirm', { command: 'sacct', answer: ours.words });
  if (ours.kind !== 'ended') return { kind: ours.kind, words: ours.words };
  const { end } = ours;
  const shown = isOnlyRecord(answer.stdout, jobId) ? answer : await lastAccounted(ctx, jobId, writes);
  const result: ConfirmResult = {
    source: 'sacct',
    rows: parseAccounting(shown.stdout).map((row) => ({
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
      ...(ours.unfinished === null ? [] : [ours.unfinished.words]),
      ...efficiencyOf(end),
    ],
    started_at: end.startedAt,
    ended_at: end.endedAt,
    used: usageOf(end),
  };
  const { words, unfinished } = ours;
  return { kind: 'ended', words, end: { facts: end, result, writes }, unfinished };
}

async function lastAccounted(ctx: RunContext, jobId: string, writes: string[]): Promise<SlurmReply> {
  const answer = await ask(ctx, lastAccountedArgv(jobId));
  writes.push(keepAnswer(ctx, 'sacct.last.txt', answer));
  noteRead(ctx, 'confirm', { command: 'sacct', answer: judgeAccounting(answer, { jobId }).words });
  return answer;
}

/** For a job whose name has changed: Slurm does not say who changed it, or when. */
export function renamed(ctx: RunContext, end: JobEnd): readonly string[] {
  const ours = jobNameOf(ctx);
  return end.name === null || end.name === ours
    ? []
    : [`the job was submitted as ${ours}, and Slurm calls it ${end.name}`];
}
