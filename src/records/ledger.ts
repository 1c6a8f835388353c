import { fail, ok, type Result } from '../errors/failure.ts';
import type { Manifest } from './manifest-schema.ts';

/**
 * `docs/slurm_job_list.md`: one line for every Slurm job that was submitted (R24). Pure; ledger-file.ts writes it.
 *
 *     - 2026-11-24 | job_id=123 | iteration_id=iter1 | run_id=r1 | status=submitted | cluster=gpu
 */
export interface LedgerRow {
  /** YYYY-MM-DD, UTC: when the job was submitted. */
  readonly date: string;
  readonly job_id: string;
  readonly iteration_id: string;
  readonly run_id: string;
  /** null if the cluster has no name: then the line lacks this field. */
  readonly cluster: string | null;
}

/** What the ledger needs to know of a manifest. */
export type LedgerManifest = Pick<Manifest, 'run_id' | 'iteration_id' | 'launch_mode'> & {
  /** Left out or null if there is none: manifests of both formats can be listed. */
  readonly job_id?: string | null | undefined;
  readonly slurm?:
    | {
        readonly cluster: string | null;
        /** Of a run with tasks: all of them. */
        readonly jobs?: readonly { readonly job_id: string; readonly submitted_at: string }[] | undefined;
      }
    | null
    | undefined;
  readonly timestamps: Pick<Manifest['timestamps'], 'submitted_at'>;
};

// Other programs write how the run is. The words are listed so that a torn one is no whole line.
const ROW =
  /^- (\d{4}-\d{2}-\d{2}) \| job_id=([^|]+) \| iteration_id=([^|]+) \| run_id=([^|]+) \| status=(?:submitted|pending|running|synced|completed|failed|partial|unknown)(?: \| cluster=([^|]+))?$/;
const HEADING =
  '# Slurm jobs\n\nEvery job that was submitted, one line each, oldest first. `autolab` appends to this list; nothing in it is changed.\n\n';

/** The line, without its LF. Characters that would end a field or the line are percent-encoded. */
export function ledgerRow({ date, job_id, iteration_id, run_id, cluster }: LedgerRow): string {
  const line = `- ${date} | job_id=${encode(job_id)} | iteration_id=${encode(iteration_id)} | run_id=${encode(run_id)} | status=submitted`;
  return cluster === null ? line : `${line} | cluster=${encode(cluster)}`;
}

function parseRow(line: string): LedgerRow | null {
  const match = ROW.exec(line);
  if (match === null) return null;
  const [, date = '', jobId = '', iterationId = '', runId = '', cluster] = match;
  return {
    date,
    job_id: decode(jobId),
    iteration_id: decode(iterationId),
    run_id: decode(runId),
    cluster: cluster === undefined ? null : decode(cluster),
  };
}

// Half a surrogate pair cannot be written as UTF-8: the line would not be found again.
const SPECIAL = /[%|\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cs}]|^ | $/gu;

function encode(value: string): string {
  return value.replaceAll(SPECIAL, (character) => `%${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** All rows, in order; headings and other text in the file are skipped. */
export function parseLedger(text: string): LedgerRow[] {
  return text.split('\n').flatMap((line) => parseRow(line) ?? []);
}

/** The rows of one run, found by the whole field: `r1` never finds `r10`. Looks only at lines that can be one. */
export function rowsOfRun(text: string, runId: string): LedgerRow[] {
  const field = ` | run_id=${encode(runId)} | `;
  const rows: LedgerRow[] = [];
  for (let found = text.indexOf(field); found >= 0; found = text.indexOf(field, found)) {
    const end = text.indexOf('\n', found);
    const row = parseRow(text.slice(text.lastIndexOf('\n', found) + 1, end < 0 ? undefined : end));
    if (row?.run_id === runId) rows.push(row);
    if (end < 0) break;
    // A line is looked at once, however often it has the field.
    found = end;
  }
  return rows;
}

export interface Appended {
  readonly text: string;
  /** false: the job has a line already, and the text is as it was (but for a repaired end). */
  readonly appended: boolean;
}

/**
 * The ledger with a line for the job. A last line without LF is repaired first: a whole line gets its LF, a torn row of
 * ours is taken out (its writer appends it again when it resumes), anything else was written by the user and stays.
 * `several`: the run may have other jobs; otherwise it has one line.
 */
export function appendRow(text: string, row: LedgerRow, several = false): Appended {
  const repaired = repairEnd(text === '' ? HEADING : text, row.run_id);
  const there = rowsOfRun(repaired, row.run_id);
  if (several ? there.some(({ job_id }) => job_id === row.job_id) : there.length > 0)
    return { text: repaired, appended: false };
  return { text: `${repaired}${ledgerRow(row)}\n`, appended: true };
}

function repairEnd(text: string, runId: string): string {
  if (text.endsWith('\n')) return text;
  const start = text.lastIndexOf('\n') + 1;
  const line = text.slice(start);
  const row = parseRow(line);
  // A row of the run at hand may have lost its last field and still look whole; it is written again in full.
  if (isTornRow(line) || row?.run_id === runId) return text.slice(0, start);
  return `${text}\n`;
}

/** The beginning of a row: dashes and digits where a date stands, or a whole date and no whole row. */
function isTornRow(line: string): boolean {
  if (parseRow(line) !== null) return false;
  const start = line.slice(0, 20).replaceAll(/\d/g, '0');
  return (line.length < 20 && '- 0000-00-00 | '.startsWith(start)) || /^- \d{4}-\d{2}-\d{2} \| /.test(line);
}

const TIME = /^\d{4}-\d{2}-\d{2}T/;
/** Ids have far less: 128 bytes for an iteration, 64 for a run. */
const MOST_CHARACTERS = 1024;

/** What a manifest puts into the ledger: nothing for a local run. Fails: ledger.no_job_id, ledger.invalid. */
export function checkManifestForLedger(manifest: LedgerManifest): Result<LedgerRow | null> {
  if (manifest.launch_mode !== 'slurm') return ok(null);
  const { run_id, iteration_id, slurm } = manifest;
  const job_id = manifest.job_id ?? '';
  if (job_id.trim() === '') {
    return fail('ledger.no_job_id', { message: `The manifest of run ${run_id} says slurm and has no job_id.` });
  }
  const cluster = slurm?.cluster ?? '';
  if (run_id === '' || iteration_id === '')
    return fail('ledger.invalid', { message: 'The manifest names no run or no iteration.' });
  if ([job_id, run_id, iteration_id, cluster].some(({ length }) => length > MOST_CHARACTERS))
    return fail('ledger.invalid', { message: 'An id in the manifest is too long for a line.' });
  const submitted = submissionDate(manifest, job_id);
  if (!submitted.ok) return submitted;
  return ok({ date: submitted.value, job_id, iteration_id, run_id, cluster: cluster === '' ? null : cluster });
}

/**
 * A line for each job of the run: for one, unless it has tasks. A controller that crashed may have given the id of an array that
 * it lost to a later one, and a line stands for both. Fails like `checkManifestForLedger`.
 */
export function ledgerRowsOf(manifest: LedgerManifest): Result<readonly LedgerRow[]> {
  const first = checkManifestForLedger(manifest);
  if (!first.ok) return first;
  const { value } = first;
  if (value === null) return ok([]);
  const jobs = manifest.slurm?.jobs;
  if (jobs === undefined) return ok([value]);
  const own = jobs.filter(({ job_id }, at) => jobs.findIndex((other) => other.job_id === job_id) === at);
  return ok(own.map(({ job_id, submitted_at }) => ({ ...value, job_id, date: submitted_at.slice(0, 10) })));
}

/** With what is read of foreign manifests (`foreign-manifest.ts`). Today's date would be a guess. */
const NO_DATE_HINT =
  'Add the date to the manifest as timestamps.submitted_at. Of other programs, one of these is read as well: submitted_at, timestamps.started_at, started_at, timestamp_utc, launch_snapshot.launched_at_utc, created_at, timestamp, timestamps.completed_at, completed_at.';

function submissionDate({ run_id, timestamps }: LedgerManifest, jobId: string): Result<string> {
  const at = timestamps.submitted_at;
  if (at === null)
    return fail('ledger.invalid', {
      message: `The manifest of run ${run_id} does not say when job ${jobId} was submitted.`,
      hint: NO_DATE_HINT,
    });
  if (!TIME.test(at))
    return fail('ledger.invalid', {
      message: `The manifest of run ${run_id} says of job ${jobId} that it was submitted at ${JSON.stringify(at.slice(0, 40))}, which is not a time.`,
    });
  return ok(at.slice(0, 10));
}

/** Whether the ledger says what the manifest says: exactly one line for each job, equal in every field. The rows; none for a local run. */
export function compareLedger(text: string, manifest: LedgerManifest): Result<readonly LedgerRow[]> {
  const wanted = ledgerRowsOf(manifest);
  if (!wanted.ok || wanted.value.length === 0) return wanted;
  const found = rowsOfRun(text, manifest.run_id).map(ledgerRow);
  const expected = wanted.value.map(ledgerRow);
  if (found.length === expected.length && expected.every((row) => found.includes(row))) return wanted;
  const missing = expected.find((row) => !found.includes(row)) ?? expected[0] ?? '';
  const what =
    found.length === 0
      ? 'has no line for it'
      : found.length > expected.length
        ? `has ${found.length} lines for it`
        : `says: ${found[0] ?? ''}`;
  return fail('ledger.mismatch', {
    message: `The manifest of run ${manifest.run_id} says: ${missing}; the ledger ${what}.`,
  });
}
