/**
 * The states of a job. Pure. Source: squeue(1) and sacct(1), "JOB STATE CODES", 20.11 to 24.11: base states, and the
 * flags that are printed instead of them.
 */

const FINAL = new Set([
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
]);

const ACTIVE = new Set([
  'PENDING',
  'RUNNING',
  'SUSPENDED',
  'COMPLETING',
  'CONFIGURING',
  'EXPEDITING',
  'POWER_UP_NODE',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'RESIZING',
  'RESV_DEL_HOLD',
  'SIGNALING',
  'SPECIAL_EXIT',
  'STAGE_OUT',
  'STOPPED',
  'UPDATE_DB',
]);

export interface StateWord {
  /** The state alone, in capitals. */
  readonly state: string;
  /** The user of `CANCELLED by 1000`. */
  readonly by: string | null;
}

/** `CANCELLED by 1000`, `COMPLETED`, `CANCELLED+` (a short form of old versions). */
export function readState(text: string): StateWord {
  const [, word, by] = /^([A-Za-z_]+)\+?(?: by (\S+))?$/.exec(text.trim()) ?? [];
  return { state: (word ?? text.trim()).toUpperCase(), by: by ?? null };
}

/** `unknown`: a word that no known version prints. */
export function phaseOf(state: string): 'active' | 'final' | 'unknown' {
  if (ACTIVE.has(state)) return 'active';
  return FINAL.has(state) ? 'final' : 'unknown';
}
