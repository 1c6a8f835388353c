import type { Ran } from './answer.ts';

/**
 * What the answer to an order (`scontrol release`, `scancel`) says about whether it was carried out. Pure. An order that was
 * sent and not answered is never "not done": the controller may carry it out minutes later, and not in the order sent.
 */
export type OrderAnswer =
  | 'done'
  /** The controller said no, or was never reached. */
  | 'failed'
  /** It was sent, or may have been, and its answer did not arrive. */
  | 'unknown';

/** The order may have arrived. A connection that was never made is `Unable to contact slurm controller (connect failure)`. */
const ANSWER_LOST =
  /timed out|Unexpected (?:message received|missing socket)|Zero Bytes were transmitted|(?:send|receive|shutdown) failure|Insane message length|zero length message|message length < 0|Failed to send entire message|longer than data received|closed by quiesce|not connected|Connection reset|Broken pipe|connection abort/i;

/** `lost`: over ssh, the connection. */
export function judgeOrder(ran: Ran & { readonly lost?: { readonly began: boolean } | null }): OrderAnswer {
  if (ran.exitCode === 0 && !ran.timedOut && ran.signal === null) return 'done';
  if (ran.spawnError !== null || ran.lost?.began === false) return 'failed';
  if (ran.exitCode === null || ran.timedOut || ran.signal !== null) return 'unknown';
  return ANSWER_LOST.test(ran.stderr) ? 'unknown' : 'failed';
}
