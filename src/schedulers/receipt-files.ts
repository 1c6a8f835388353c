/** The files of a run's `receipt/` folder that more than one kind of run has, or that are sent to where it runs. */

/** The fence: whoever links it owns the run. */
export const CLAIM_FILE = 'claim';
/** The last act of whoever ran the entrypoint. */
export const EXIT_FILE = 'exit.json';
/** Written by the script's prologue when the code is not what was approved. */
export const CODE_CHANGED_FILE = 'code_changed';
/** The script of a job, as it was submitted. */
export const JOB_SCRIPT_FILE = 'run_slurm.sbatch';
/** Digest of git's list of files at launch, for the job to compare. */
export const CODE_LISTING_FILE = 'code.listing';
