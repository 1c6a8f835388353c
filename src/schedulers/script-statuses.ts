/**
 * Exit statuses of a launch script that are not the entrypoint's. A program may end with the same ones: what else the
 * script left in `receipt/` tells them apart. They are part of the prologues' texts, and never change.
 */

/** The start of the entrypoint could not be written down: it was not started. */
export const NOT_WRITTEN_STATUS = 95;
/** The launcher's variables did not arrive. */
export const NOT_LAUNCHED_STATUS = 96;
/** The code is not what was approved: see `receipt/code_changed`. */
export const CODE_CHANGED_STATUS = 97;
/** Another one has claimed the run, or nobody has, or the entrypoint was started before: this copy starts nothing. */
export const NOT_CLAIMED_STATUS = 98;
