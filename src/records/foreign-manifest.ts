import { fail, ok, type Result } from '../errors/failure.ts';
import type { LedgerManifest } from './ledger.ts';

/**
 * What the ledger needs, from any run manifest: ours of any version, and those that other programs write, which keep the
 * job's id, the mode and the date in several places. Pure.
 */

type Fields = Readonly<Record<string, unknown>>;

const JOB_IDS = ['job_id', 'slurm.job_id', 'resource_request.job_id', 'resource_request.slurm.job_id'];

/** The first that is there counts: a local run on a host of a cluster is local. */
const MODES = [
  'launch_mode',
  'host_mode',
  'location',
  'detected_host_mode',
  'launch.mode',
  'host.mode',
  'resource_request.mode',
  'resource_request.location',
];

const DATES = [
  'timestamps.submitted_at',
  'submitted_at',
  'timestamps.started_at',
  'started_at',
  'timestamp_utc',
  'launch_snapshot.launched_at_utc',
  'created_at',
  'timestamp',
  'timestamps.completed_at',
  'completed_at',
];

/** `isMode`: whether the word names a way to run. Fails: ledger.invalid, ledger.mismatch; `file` is for the message. */
export function readLedgerManifest(
  value: unknown,
  file: string,
  isMode: (word: string) => boolean,
): Result<LedgerManifest> {
  const manifest = asFields(value);
  const { run_id, iteration_id } = manifest;
  const mode = modeOf(manifest, isMode);
  if (typeof run_id !== 'string' || typeof iteration_id !== 'string' || mode === null)
    return fail('ledger.invalid', {
      message: `${file} is not a run manifest: run_id, iteration_id, or launch_mode and host_mode are missing.`,
    });
  const jobId = jobIdOf(manifest, file);
  if (!jobId.ok) return jobId;
  const cluster = at(manifest, 'slurm.cluster');
  return ok({
    run_id,
    iteration_id,
    launch_mode: mode,
    job_id: jobId.value,
    timestamps: { submitted_at: isOurs(manifest) ? textAt(manifest, 'timestamps.submitted_at') : dateOf(manifest) },
    slurm: { cluster: typeof cluster === 'string' ? cluster : null },
  });
}

/** Ours say when the job was submitted; of two ids, theirs at the root is the one that was. */
function isOurs(manifest: Fields): boolean {
  return typeof at(manifest, 'journal.head') === 'string' || textAt(manifest, 'timestamps.submitted_at') !== null;
}

function modeOf(manifest: Fields, isMode: (word: string) => boolean): string | null {
  const words = MODES.map((path) => textAt(manifest, path)?.trim().toLowerCase() ?? '');
  const said = words.find((word) => word !== '');
  if (said !== undefined) return isMode(said) ? said : null;
  const sections = [at(manifest, 'slurm'), at(manifest, 'resource_request.slurm')];
  return sections.some((section) => Object.keys(asFields(section)).length > 0) ? 'slurm' : null;
}

/** null: it names none. */
function jobIdOf(manifest: Fields, file: string): Result<string | null> {
  const named = JOB_IDS.flatMap((path) => {
    const id = idOf(at(manifest, path));
    return id === null ? [] : [{ path, id }];
  });
  const [first] = named;
  if (first === undefined) return ok(null);
  const other = named.find(({ id }) => id !== first.id);
  if (other === undefined || isOurs(manifest)) return ok(first.id);
  return fail('ledger.mismatch', {
    message: `${file} names two jobs: ${first.path} is ${first.id}, ${other.path} is ${other.id}.`,
    hint: 'Keep the id of the job that was submitted.',
  });
}

function idOf(value: unknown): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

const DATE = /^\d{4}-\d{2}-\d{2}(?=T| |$)/;
const WITH_ZONE = /T.*(?:Z|[+-]\d{2}:?\d{2})$/;
const DATE_IN_ID = /(20\d{2})(\d{2})(\d{2})T\d{6}Z/;

/** As a time in UTC; null if nothing says when. */
function dateOf(manifest: Fields): string | null {
  const texts = DATES.map((path) => textAt(manifest, path)?.trim() ?? '').filter((text) => text !== '');
  const dated = texts.find((text) => DATE.test(text));
  if (dated !== undefined) return inUtc(dated);
  const inId = DATE_IN_ID.exec(textAt(manifest, 'run_id') ?? '');
  // What is there and is no date is for the message.
  return inId === null ? (texts[0] ?? null) : `${inId.slice(1).join('-')}T00:00:00Z`;
}

function inUtc(text: string): string {
  const time = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? `${text.slice(0, 10)}T00:00:00Z` : new Date(time).toISOString();
}

function textAt(manifest: Fields, path: string): string | null {
  const value = at(manifest, path);
  return typeof value === 'string' ? value : null;
}

function at(manifest: Fields, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (Object.hasOwn(asFields(value), key) ? asFields(value)[key] : undefined),
      manifest,
    );
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
