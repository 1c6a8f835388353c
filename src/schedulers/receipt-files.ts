/**
 * The files of a run's `receipt/` folder that several kinds of runs have, or that are sent to the host that runs it.
 */

/** The fence: the process that links it owns the run. */
export const CLAIM_FILE = 'claim';
/** The receipt of the end, by the process that ran the entrypoint. */
export const EXIT_FILE = 'exit.json';
/** Written by the script's prologue if the code is not the approved one. */
export const CODE_CHANGED_FILE = 'code_changed';
/** Written by the check of the data just before the entrypoint, if they are not what they were. */
export const INPUTS_CHANGED_FILE = 'inputs_changed';
/** The script of a job, as submitted. */
export const JOB_SCRIPT_FILE = 'run_slurm.sbatch';
/** The names of all files that were code at launch, for the job to compare. */
export const CODE_LISTING_FILE = 'code.listing';
