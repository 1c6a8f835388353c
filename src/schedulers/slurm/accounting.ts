import { shortened } from '../../platform/listing.ts';
import {
  type AccountingRecord,
  type AccountingRow,
  isProvisional,
  parseTable,
  recordsOf,
  type Unfinished,
  unfinishedOf,
} from './accounting-rows.ts';
import { isJobId, linesOf, type Ran, succeeded, whyNoAnswer } from './answer.ts';
import type { JobEnd } from './job-end.ts';
import { phaseOf, readState } from './states.ts';
import { readMemoryBytes, readSeconds, readTime } from './values.ts';

/** How a job ended, by the accounting database. Pure. Source: sacct(1). */

export type { AccountingRow } from './accounting-rows.ts';
export type { JobEnd } from './job-end.ts';

/** What decides. */
const DECIDING = 'JobID,State,ExitCode,Elapsed,MaxRSS';
// Every version from 20.11 on has these columns; an unknown one makes sacct reject the whole call.
const MORE = 'JobName,Submit,Start,End,DerivedExitCode,Timelimit,TotalCPU,AllocCPUS,ReqMem,NodeList,Partition,QOS';

/**
 * What decides, and its name, times and usage. With `-j`, sacct looks back to the epoch on its own. `--duplicates`: every
 * start of a requeued job, and older jobs with the same id, which the name distinguishes.
 */
export function accountingArgv(jobId: string): readonly string[] {
  return ['sacct', '-j', checked(jobId), '--duplicates', `--format=${DECIDING},${MORE}`, '--parsable2'];
}

/** Of several records with this id, the one that sacct shows on its own. */
export function lastAccountedArgv(jobId: string): readonly string[] {
  return ['sacct', '-j', checked(jobId), `--format=${DECIDING}`, '--parsable2'];
}

/** Whether the answer has one record with this id, so that it is the one that sacct shows on its own, too. */
export function isOnlyRecord(stdout: string, jobId: string): boolean {
  return recordsOf(parseAccounting(stdout), jobId).length === 1;
}

/**
 * The folder from which a job with another name was submitted; asked alone, since a folder may contain the separator.
 */
export function accountedFolderArgv(jobId: string): readonly string[] {
  const format = ['--noheader', '--parsable2', '--format=JobID,WorkDir'];
  return ['sacct', '-j', checked(jobId), '--allocations', '--duplicates', ...format];
}

/** The folder of the last record with this id; null if there is none. */
export function parseAccountedFolder(ran: Ran, jobId: string): string | null {
  if (!succeeded(ran)) return null;
  const rows = linesOf(ran.stdout).filter((line) => line.trimStart().startsWith(`${jobId}|`));
  return (
    rows
      .at(-1)
      ?.trimStart()
      .slice(jobId.length + 1) ?? null
  );
}

function checked(jobId: string): string {
  if (!isJobId(jobId)) throw new Error(`not a job id: ${jobId}`);
  return jobId;
}

/** Also empty if the text is not an answer of sacct. */
export function parseAccounting(stdout: string): readonly AccountingRow[] {
  return parseTable(stdout) ?? [];
}

export type AccountingAnswer =
  | {
      readonly kind: 'ended';
      readonly end: JobEnd;
      readonly words: string;
      /**
       * What accounting has not recorded yet although the job has ended; only if the call requested the columns for it.
       */
      readonly unfinished: Unfinished | null;
    }
  /** Accounting lags, or the job is in the queue after all. */
  | { readonly kind: 'not_yet'; readonly state: string; readonly words: string }
  /** The record of a job that ended before accounting had its start: without name, request and partition. */
  | { readonly kind: 'provisional'; readonly words: string }
  /** An answer, without the job in it: not yet, or not any more. */
  | { readonly kind: 'none'; readonly words: string }
  /** Only jobs of another name have this id: the counter was reset. */
  | { readonly kind: 'other_job'; readonly words: string }
  /** This cluster keeps no books. */
  | { readonly kind: 'off'; readonly words: string }
  | { readonly kind: 'no_answer'; readonly words: string };

/**
 * With `key`, only records with that name count; the last of them decides, since a requeued job has one for every
 * start. An unknown state counts as an end, and as a bad one: call this only when the queue says that the job has left
 * it.
 */
export function judgeAccounting(ran: Ran, job: { readonly jobId: string; readonly key?: string }): AccountingAnswer {
  if (/^(?:sacct: (?:error: )?)?Slurm accounting storage is disabled\s*$/im.test(ran.stderr))
    return { kind: 'off', words: 'accounting is off on this cluster' };
  const rows = succeeded(ran) ? parseTable(ran.stdout) : null;
  if (rows === null) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const records = recordsOf(rows, job.jobId);
  const { key } = job;
  const ours = key === undefined ? records : records.filter((record) => record.job.more['JobName'] === key);
  if (records.length === 0) {
    // The database may fail in the middle of an answer that ends with status 0.
    return /\berror: /.test(ran.stderr)
      ? { kind: 'no_answer', words: whyNoAnswer(ran) }
      : { kind: 'none', words: `no record of job ${job.jobId}` };
  }
  // A moment later it has the name of the job.
  const provisional = records.find(isProvisional);
  if (key !== undefined && provisional !== undefined)
    return {
      kind: 'provisional',
      words: shortened(`${provisional.job.state}, in a record that is not complete yet`),
    };
  if (ours.length === 0)
    return {
      kind: 'other_job',
      words: shortened(`job ${job.jobId} is another one, named ${records.at(-1)?.job.more['JobName'] ?? ''}`),
    };
  return judgeRecords(ours, job.jobId);
}

function judgeRecords(records: readonly AccountingRecord[], jobId: string): AccountingAnswer {
  const last = lastOfEachPart(records);
  const active = last.find((record) => phaseOf(readState(record.job.state).state) === 'active');
  if (active !== undefined)
    return {
      kind: 'not_yet',
      state: readState(active.job.state).state,
      words: shortened(`${active.job.state}, not ended yet`),
    };
  // For an array or a heterogeneous job, the part that ended worst decides.
  const chosen = last.find((record) => !isGood(record)) ?? last[0];
  if (chosen === undefined) throw new Error('no record to judge');
  const end = endOf(chosen, jobId, records.filter((record) => record.job.job_id === chosen.job.job_id).length - 1);
  return {
    kind: 'ended',
    end,
    words: shortened(`${chosen.job.state}, exit code ${end.exitCode}`),
    unfinished: unfinishedOf(chosen),
  };
}

function lastOfEachPart(records: readonly AccountingRecord[]): readonly AccountingRecord[] {
  const last = new Map<string, AccountingRecord>();
  for (const record of records) {
    const before = last.get(record.job.job_id);
    if (before === undefined || submitted(record) >= submitted(before)) last.set(record.job.job_id, record);
  }
  return [...last.values()];
}

function submitted(record: AccountingRecord): string {
  return readTime(record.job.more['Submit'] ?? '') ?? '';
}

function isGood(record: AccountingRecord): boolean {
  return readState(record.job.state).state === 'COMPLETED' && record.job.exit_code === '0:0';
}

function endOf({ job, steps }: AccountingRecord, jobId: string, restarts: number): JobEnd {
  const { state, by } = readState(job.state);
  const column = (name: string): string | null => {
    const text = job.more[name] ?? '';
    return text === '' || /^(?:None assigned|Unknown|None)$/.test(text) ? null : text;
  };
  const peak = largest([job, ...steps].map((row) => row.max_rss));
  const cpus = column('AllocCPUS');
  return {
    jobId,
    source: 'sacct',
    name: column('JobName'),
    state,
    cancelledBy: by,
    exitCode: job.exit_code,
    derivedExitCode: column('DerivedExitCode'),
    reason: null,
    elapsed: job.elapsed === '' ? null : job.elapsed,
    elapsedSeconds: readSeconds(job.elapsed),
    timeLimitSeconds: readSeconds(column('Timelimit') ?? ''),
    cpuSeconds: readSeconds(column('TotalCPU') ?? ''),
    allocatedCpus: cpus === null || !/^\d+$/.test(cpus) ? null : Number(cpus),
    requestedMemory: readMemoryBytes(column('ReqMem') ?? ''),
    maxRss: peak?.text ?? null,
    maxRssBytes: peak?.bytes ?? null,
    nodes: column('NodeList'),
    partition: column('Partition'),
    submittedAt: readTime(column('Submit') ?? ''),
    startedAt: readTime(column('Start') ?? ''),
    endedAt: readTime(column('End') ?? ''),
    preemptedAt: null,
    steps: steps.map(stepOf),
    restarts,
  };
}

function stepOf(row: AccountingRow): JobEnd['steps'][number] {
  const { state, by } = readState(row.state);
  const at = (column: string): string | null => readTime(row.more[column] ?? '');
  const times = { startedAt: at('Start'), endedAt: at('End') };
  return { id: row.job_id, state, exitCode: row.exit_code, cancelledBy: by, ...times };
}

function largest(texts: readonly string[]): { readonly text: string; readonly bytes: number } | null {
  const read = texts.flatMap((text) => {
    const memory = readMemoryBytes(text);
    return memory === null ? [] : [{ text, bytes: memory.bytes }];
  });
  return read.reduce<(typeof read)[number] | null>(
    (most, one) => (most === null || one.bytes > most.bytes ? one : most),
    null,
  );
}
