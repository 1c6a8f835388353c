/**
 * Files in `receipt/` that the script of a run looks for just before the entrypoint, if they are there: their names are part
 * of the prologues' texts, and never change.
 */

/** Run first; if it fails, nothing is started. */
export const INPUTS_SCRIPT = 'inputs.sh';
/** Writes down what the entrypoint finds; whatever becomes of it, the run goes on. */
export const ENVIRONMENT_SCRIPT = 'environment.sh';
/** Samples what a job uses: called as `loop` beside the entrypoint, and as `last` after it. */
export const SAMPLER_SCRIPT = 'sample.sh';
