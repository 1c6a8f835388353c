import type { Ran } from './answer.ts';

/**
 * Whether the answer to an order (`scontrol release`, `scancel`) shows that it was executed. Pure. An order that was
 * sent and not answered never counts as "not done": the controller may execute it minutes later, and out of sequence.
 */
export type OrderAnswer =
  | 'done'
  /** The controller said no, or was never reached. */
  | 'failed'
  /** It was sent, or may have been, and its answer did not arrive. */
  | 'unknown';

/**
 * The order may have arrived. If no connection was made, the error is `Unable to contact slurm controller (connect
 * failure)`.
 */
const ANSWER_LOST =
  /timed out|Unexpected (?:message received|missing socket)|Zero Bytes were transmitted|(?:send|receive|shutdown) failure|Insane message length|zero length message|message length < 0|Failed to send entire message|longer than data received|closed by quiesce|not connected|Connection reset|Broken pipe|connection abort/i;

/** `lost`: over ssh, the connection. */
export function judgeOrder(ran: Ran & { readonly lost?: { readonly began: boolean } | null }): OrderAnswer {
  if (ran.exitCode === 0 && !ran.timedOut && ran.signal === null) return 'done';
  if (ran.spawnError !== null || ran.lost?.began === false) return 'failed';
  if (ran.exitCode === null || ran.timedOut || ran.signal !== null) return 'unknown';
  return ANSWER_LOST.test(ran.stderr) ? 'unknown' : 'failed';
}
