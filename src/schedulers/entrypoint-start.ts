import { type JsonObject, parseObject } from '../platform/json-object.ts';

/**
 * What `autolab_run` leaves in the run's `receipt/` folder: whether the entrypoint began, and how often. Pure. The
 * folder belongs to the job, which can write anything: an unexpected file counts as missing.
 */

/** Written when the entrypoint begins, and for a Slurm job again when it has ended. */
export const ENTRYPOINT_FILE = 'entrypoint.json';
/** Written if the script ended before: its status, and the line of the script if it is known. */
export const LEFT_FILE = 'left.json';

export interface Starts {
  readonly expected: number;
  readonly begun: number;
}

export interface SeenSignal {
  readonly signal: string;
  readonly at: string;
}

export type StartSign =
  | {
      readonly kind: 'begun';
      /** null if the starts were not counted. */
      readonly starts: Starts | null;
      readonly exit_code: number | null;
      readonly signals: readonly SeenSignal[];
    }
  | { readonly kind: 'left'; readonly exit_code: number; readonly line: number | null }
  | { readonly kind: 'none' };

/** The start and the job in question; null for a local run, whose script is started once. */
export type StartOf = { readonly job_id: string; readonly restart_count: number | null } | null;

export function readStart(entrypoint: string | null, left: string | null, of: StartOf): StartSign {
  const begun = fieldsOf(entrypoint, of);
  if (begun !== null && isTime(begun['began_at']))
    return {
      kind: 'begun',
      starts: of === null ? { expected: 1, begun: 1 } : startsOf(begun['starts']),
      exit_code: numberOr(begun['exit_code']),
      signals: signalsOf(begun['signals']),
    };
  // Only `autolab_run` makes the file, and it makes it whole: a damaged one shows only that the entrypoint began.
  if (isDamaged(entrypoint))
    return { kind: 'begun', starts: of === null ? { expected: 1, begun: 1 } : null, exit_code: null, signals: [] };
  const gone = fieldsOf(left, of);
  const status = numberOr(gone?.['exit_code']);
  if (gone === null || status === null) return { kind: 'none' };
  return { kind: 'left', exit_code: status, line: numberOr(gone['line']) };
}

function startsOf(value: unknown): Starts | null {
  if (typeof value !== 'object' || value === null) return null;
  const { expected, begun } = value as Record<string, unknown>;
  const [wanted, counted] = [numberOr(expected), numberOr(begun)];
  return wanted === null || counted === null ? null : { expected: wanted, begun: counted };
}

const MOST_SIGNALS = 100;

function signalsOf(value: unknown): readonly SeenSignal[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_SIGNALS).flatMap((item: unknown) => {
    const { signal, at } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    return typeof signal === 'string' && /^SIG[A-Z0-9]{2,6}$/.test(signal) && isTime(at) ? [{ signal, at }] : [];
  });
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isDamaged(text: string | null): boolean {
  if (text === null) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

function fieldsOf(text: string | null, of: StartOf): JsonObject | null {
  const found = parseObject(text);
  if (found === null || of === null) return found;
  const sameStart = of.restart_count === null || found['restart_count'] === of.restart_count;
  return found['job_id'] === of.job_id && sameStart ? found : null;
}
