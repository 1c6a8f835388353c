/**
 * Exit statuses of a launch script that are not the entrypoint's. A program may end with the same ones: other files
 * that the script left in `receipt/` distinguish them. They are part of the prologues' texts, and never change.
 */

/** The data that the design names are not what they were at the launch. */
export const INPUTS_CHANGED_STATUS = 94;
/** The start of the entrypoint could not be recorded: it was not started. */
export const NOT_WRITTEN_STATUS = 95;
/** autolab's variables are missing. */
export const NOT_LAUNCHED_STATUS = 96;
/** The code is not the approved one: see `receipt/code_changed`. */
export const CODE_CHANGED_STATUS = 97;
/** Another copy has claimed the run, or none has, or the entrypoint was started before: this copy starts nothing. */
export const NOT_CLAIMED_STATUS = 98;
