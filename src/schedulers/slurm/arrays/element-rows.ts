import { parseTable } from '../accounting-rows.ts';
import { isJobId, linesOf, type Ran, saysUnknownJob, succeeded, whyNoAnswer } from '../answer.ts';
import type { JobEnd } from '../job-end.ts';
import { parseShownLine } from '../scontrol.ts';
import { phaseOf, readState } from '../states.ts';
import { readSeconds, readTime } from '../values.ts';

/** How the elements of job arrays ended. Pure. Source: sacct(1), scontrol(1), and answers of 22.05. */

/** The last start of one element, after its end. */
export interface ElementRow extends JobEnd {
  /** `12_3`. */
  readonly element: string;
}

/** What a site knows of the elements of several arrays. */
export interface ElementEnds {
  readonly source: 'sacct' | 'scontrol';
  /** By `12_3`. */
  readonly ended: ReadonlyMap<string, ElementRow>;
  /** Arrays whose elements that never began were cancelled, by whom: they have one row together. */
  readonly cancelled: ReadonlyMap<string, string | null>;
  /** When the present controller was started, if that may decide which start of an element a row is of. */
  readonly bootedAt?: string | null;
}

export type ElementsAnswer =
  | { readonly kind: 'rows'; readonly ends: ElementEnds; readonly words: string }
  | { readonly kind: 'off' | 'no_answer'; readonly words: string };

/** One question for all arrays. Without `--duplicates`: the last start of each element counts. */
export function elementsArgv(arrayIds: readonly string[]): readonly string[] {
  const ids = arrayIds.map(checked).join(',');
  const columns = 'JobID,JobIDRaw,JobName,State,ExitCode,DerivedExitCode,Elapsed,Timelimit,Submit,Start,End,NodeList';
  return ['sacct', '-j', ids, '--allocations', `--format=${columns}`, '--parsable2'];
}

function checked(jobId: string): string {
  if (!isJobId(jobId)) throw new Error(`not a job id: ${jobId}`);
  return jobId;
}

/**
 * An end counts only by a row of its own, with index, our name and a final state. While elements are young, accounting may
 * answer with one row named `allocation` for all of them, without an index. `names`: that our arrays have.
 */
export function judgeElements(ran: Ran, names: readonly string[]): ElementsAnswer {
  if (/^(?:sacct: (?:error: )?)?Slurm accounting storage is disabled\s*$/im.test(ran.stderr))
    return { kind: 'off', words: 'accounting is off on this cluster' };
  const rows = succeeded(ran) ? parseTable(ran.stdout) : null;
  if (rows === null || (rows.length === 0 && /\berror: /.test(ran.stderr)))
    return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const ends = endsOf(rows.map(({ more }) => more).filter((row) => names.includes(row['JobName'] ?? '')));
  return { kind: 'rows', ends, words: `${ends.ended.size} elements have ended` };
}

type Row = Readonly<Record<string, string>>;

function endsOf(rows: readonly Row[]): ElementEnds {
  const ended = new Map<string, ElementRow>();
  const cancelled = new Map<string, string | null>();
  for (const row of rows) {
    const { state, by } = readState(row['State'] ?? '');
    const id = row['JobID'] ?? '';
    const [, arrayId = '', index] = /^(\d+)_(?:(\d+)|\[.*\]?)$/.exec(id) ?? [];
    if (phaseOf(state) === 'active' || arrayId === '') continue;
    if (index !== undefined) ended.set(id, endOfRow(id, row));
    else if (state === 'CANCELLED') cancelled.set(arrayId, by);
  }
  return { source: 'sacct', ended, cancelled };
}

function endOfRow(element: string, row: Row): ElementRow {
  const { state, by } = readState(row['State'] ?? '');
  const column = (name: string): string | null => {
    const text = row[name] ?? '';
    return text === '' || /^(?:None assigned|Unknown|None|\(null\)|N\/A)$/.test(text) ? null : text;
  };
  const elapsed = column('Elapsed');
  return {
    ...NOT_SAID,
    element,
    jobId: row['JobIDRaw'] ?? '',
    source: 'sacct',
    name: column('JobName'),
    state,
    cancelledBy: by,
    exitCode: row['ExitCode'] ?? '',
    derivedExitCode: column('DerivedExitCode'),
    elapsed,
    elapsedSeconds: readSeconds(elapsed ?? ''),
    timeLimitSeconds: readSeconds(column('Timelimit') ?? ''),
    nodes: column('NodeList'),
    submittedAt: readTime(column('Submit') ?? ''),
    // An array that was cancelled while it was held has a start, and no node.
    startedAt: column('NodeList') === null ? null : readTime(column('Start') ?? ''),
    endedAt: readTime(column('End') ?? ''),
  };
}

const NOT_SAID = {
  reason: null,
  cpuSeconds: null,
  allocatedCpus: null,
  requestedMemory: null,
  maxRss: null,
  maxRssBytes: null,
  partition: null,
  preemptedAt: null,
  steps: [],
  restarts: 0,
} satisfies Partial<JobEnd>;

/** Column of `sacct`, and what `scontrol` calls it. */
const COLUMNS: readonly (readonly [column: string, name: string])[] = [
  ['JobIDRaw', 'JobId'],
  ['JobName', 'JobName'],
  ['State', 'JobState'],
  ['ExitCode', 'ExitCode'],
  ['Elapsed', 'RunTime'],
  ['Timelimit', 'TimeLimit'],
  ['Submit', 'SubmitTime'],
  ['Start', 'StartTime'],
  ['End', 'EndTime'],
  ['NodeList', 'NodeList'],
];

/**
 * What the controller remembers, by `scontrol -o show job ID`: a line for each element that began. `more`: some have not ended.
 * Null without an answer; a job that it does not know is one.
 */
export function rememberedElements(
  ran: Ran,
  names: readonly string[],
): { readonly ends: ElementEnds; readonly more: boolean } | null {
  if (!succeeded(ran) && !saysUnknownJob(ran)) return null;
  const ended = new Map<string, ElementRow>();
  const cancelled = new Map<string, string | null>();
  let more = false;
  for (const line of linesOf(ran.stdout)) {
    const job = parseShownLine(line);
    const value = (name: string): string => job[name] ?? '';
    const element = `${value('ArrayJobId')}_${value('ArrayTaskId')}`;
    const { state } = readState(value('JobState'));
    if (!names.includes(value('JobName'))) continue;
    if (phaseOf(state) === 'active') {
      more = true;
      continue;
    }
    if (!/^\d+_\d+$/.test(element)) {
      // What remains of the elements that never began, with their indices or without.
      if (state === 'CANCELLED') cancelled.set(job['ArrayJobId'] ?? value('JobId'), null);
      continue;
    }
    const row = Object.fromEntries(COLUMNS.map(([column, name]) => [column, value(name)]));
    ended.set(element, { ...endOfRow(element, row), source: 'scontrol', restarts: Number(value('Restarts')) || 0 });
  }
  return { ends: { source: 'scontrol', ended, cancelled }, more };
}
