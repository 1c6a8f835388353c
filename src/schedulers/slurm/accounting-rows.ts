import { baseJobId, linesOf } from './answer.ts';
import { phaseOf, readState } from './states.ts';

/** The table that `sacct --parsable2` prints. Pure. */

/** A row by the name of its column, in lower case with `_`; a column that was not requested is missing. */
export interface AccountingRow {
  readonly job_id: string;
  readonly state: string;
  readonly exit_code: string;
  readonly elapsed: string;
  readonly max_rss: string;
  readonly more: Readonly<Record<string, string>>;
}

/**
 * Returns null if the text has no such table: then it is not an answer, whatever the exit status. Banner lines are
 * skipped.
 */
export function parseTable(stdout: string): readonly AccountingRow[] | null {
  const lines = linesOf(stdout);
  const at = lines.findIndex((line) => /^JobID\|/.test(line.trimStart()));
  if (at === -1) return null;
  const names = (lines[at] ?? '').trim().split('|');
  return lines.slice(at + 1).flatMap((line) => {
    const fields = line.trimStart().split('|');
    if (fields.length !== names.length || baseJobId(fields[0] ?? '') === null) return [];
    const more = Object.fromEntries(names.map((name, index) => [name, fields[index] ?? '']));
    const row: AccountingRow = {
      job_id: fields[0] ?? '',
      state: more['State'] ?? '',
      exit_code: more['ExitCode'] ?? '',
      elapsed: more['Elapsed'] ?? '',
      max_rss: more['MaxRSS'] ?? '',
      more,
    };
    return [row];
  });
}

/** One start of one job, or of one part of an array or heterogeneous job: its own row and those of its steps. */
export interface AccountingRecord {
  readonly job: AccountingRow;
  readonly steps: readonly AccountingRow[];
}

/** Rows of steps (`12.batch`, `12.extern`, `12.0`) follow the row of their job; rows of other jobs are left out. */
export function recordsOf(rows: readonly AccountingRow[], jobId: string): readonly AccountingRecord[] {
  const records: { job: AccountingRow; steps: AccountingRow[] }[] = [];
  const latest = new Map<string, AccountingRow[]>();
  for (const row of rows) {
    if (baseJobId(row.job_id) !== jobId) continue;
    const [owner = '', step] = row.job_id.split('.', 2);
    if (step === undefined) {
      const steps: AccountingRow[] = [];
      records.push({ job: row, steps });
      latest.set(owner, steps);
    } else latest.get(owner)?.push(row);
  }
  return records;
}

/**
 * If the message of a job's end overtakes that of its start, slurmdbd makes an incomplete record: named `allocation`,
 * without partition, request and QOS. It is completed within seconds. Seen with 22.05, for jobs of less than a second.
 */
export function isProvisional({ job }: AccountingRecord): boolean {
  const { JobName: name, Partition: partition, QOS: qos, ReqMem: memory } = job.more;
  const marks = [partition === '', qos === 'Unknown', memory?.endsWith('?') === true];
  return name === 'allocation' && marks.includes(true);
}

export interface Unfinished {
  /** For the user, such as `step 7.0 is still RUNNING in accounting`. */
  readonly words: string;
  /** Some sites keep no steps at all: then a missing step stays missing. */
  readonly missing: boolean;
}

/** What the record of an ended job still lacks; null if nothing, or if it was not requested. */
export function unfinishedOf({ job, steps }: AccountingRecord): Unfinished | null {
  const end = job.more['End'];
  if (end === undefined) return null;
  if (end === 'Unknown') return { words: `accounting has no end of job ${job.job_id}`, missing: false };
  const open = steps.find((row) => phaseOf(readState(row.state).state) === 'active');
  if (open !== undefined) return { words: `step ${open.job_id} is still ${open.state} in accounting`, missing: false };
  const batch = steps.some((row) => row.job_id.endsWith('.batch'));
  if (batch || readState(job.state).state !== 'COMPLETED') return null;
  return { words: `accounting has no step ${job.job_id}.batch`, missing: true };
}
