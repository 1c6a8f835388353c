import { NOT_CLAIMED_STATUS, NOT_LAUNCHED_STATUS } from '../../schedulers/script-statuses.ts';

/**
 * The first part of a script for many tasks, here and on Slurm: it reads what autolab puts beside the script, which holds
 * the fence, the check of the code, and `autolab_tasks`. A hand-written script contains it word for word; changed text is a
 * new version.
 */
export const TASKS_PROLOGUE_BEGIN = '# autolab prologue v1 tasks: begin';
const TASKS_PROLOGUE_END = '# autolab prologue v1 tasks: end';
/** In `receipt/`. */
export const TASKS_SCRIPT = 'tasks.sh';

export const TASKS_PROLOGUE = `${TASKS_PROLOGUE_BEGIN}
for autolab_name in AUTOLAB_RUN_ID AUTOLAB_ITERATION_ID AUTOLAB_RUN_DIR AUTOLAB_REPO_ROOT; do
  [ -n "\${!autolab_name-}" ] || { echo "autolab: $autolab_name is not set; start this with: autolab launch" >&2; exit ${NOT_LAUNCHED_STATUS}; }
done
# Defines autolab_run and autolab_tasks.
. "$AUTOLAB_RUN_DIR/receipt/${TASKS_SCRIPT}" || { echo "autolab: ${TASKS_SCRIPT} cannot be read" >&2; exit ${NOT_CLAIMED_STATUS}; }
${TASKS_PROLOGUE_END}
`;
