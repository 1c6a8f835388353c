import { NOT_LAUNCHED_STATUS } from '../../schedulers/script-statuses.ts';
import { CODE_CHECK } from '../code-check.ts';
import { GRACE, LISTING_CHECK, signalsWith, START_SHIM, TO_COMMAND } from '../slurm-pieces.ts';
import { ELEMENT_CLOCK } from './clock.ts';
import { ELEMENT_FENCE } from './slurm-fence.ts';
import { ELEMENT_RUNNER, WORKER_SIGNALS } from './slurm-runner.ts';
import { ELEMENT_TASK } from './slurm-task.ts';
import { ELEMENT_LAST } from './slurm-tasks-end.ts';
import { ELEMENT_WATCH } from './slurm-watch.ts';
import { ELEMENT_WORKER } from './slurm-worker.ts';

/**
 * `receipt/tasks.sh` of a Slurm run: what an element of a job array does. The prologue of the script reads it. Bash 4.2,
 * GNU coreutils. All elements of all chunks have the same text; what differs comes from the environment of `sbatch`:
 *
 * - `AUTOLAB_CHUNK_OFFSET` (a number): the task of an element is this plus SLURM_ARRAY_TASK_ID.
 * - `AUTOLAB_TASK_WORKERS=1`: the element is a worker instead, and takes the next task that nobody has. It needs
 *   `AUTOLAB_TASK_COUNT`. `AUTOLAB_TASK_SECONDS` limits a task: SIGTERM, the grace, SIGKILL. A worker takes no second task for
 *   which its time is too short: it ends at SLURM_JOB_END_TIME, or `AUTOLAB_WORKER_SECONDS` after its start.
 * - `AUTOLAB_REQUEUE=1`: a requeued element may begin its task again. `AUTOLAB_TASKS`: processes of a task.
 *
 * It leaves, in `receipts/`: `claim.<index>.<attempt>`, `<index>.started`, `<index>.exit`; `start.<index>.<attempt>.<process>`
 * where srun starts the task; and `element.<array id>_<number>.<restart>` from a worker, or if the task of an element did not
 * begin. A copy whose task is claimed ends with 98 and leaves nothing.
 *
 * The prologue reads this text in a list (`. file || …`), where bash ignores `-e`.
 */
export function slurmTasksScript(names: readonly string[], graceSeconds: number): string {
  return `# autolab tasks v2 slurm
autolab_names=(${names.join(' ')}) autolab_grace=${String(graceSeconds)}
autolab_line=null autolab_entry= autolab_child= autolab_end= autolab_signals= autolab_srun= autolab_other= autolab_xtrace=
autolab_index= autolab_attempt=0 autolab_claimed= autolab_began= autolab_worker= autolab_probe= autolab_watcher=
autolab_why=left autolab_count_begun=0 autolab_rows_from=-1 autolab_grace_asked= autolab_limit=
autolab_in_runner= autolab_outside= autolab_plain= autolab_used= autolab_words=() autolab_command=() autolab_mark=$'\\x1f'
autolab_need() {
  [[ \${!1-} =~ ^[0-9]{1,18}$ ]] || { printf 'autolab: %s is not set to a number; start this with: autolab launch\\n' "$1" >&2; exit ${NOT_LAUNCHED_STATUS}; }
}
for autolab_name in SLURM_JOB_ID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID; do autolab_need "$autolab_name"; done
autolab_restart="\${SLURM_RESTART_COUNT:-0}"
autolab_need autolab_restart
if [ "\${AUTOLAB_TASK_WORKERS:-0}" = 1 ]; then autolab_worker=1; autolab_need AUTOLAB_TASK_COUNT; else autolab_need AUTOLAB_CHUNK_OFFSET; fi
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_receipts="$AUTOLAB_RUN_DIR/receipts" autolab_path="$PATH"
autolab_id="$SLURM_JOB_ID" autolab_partition="\${SLURM_JOB_PARTITION-}"
autolab_node="\${SLURMD_NODENAME:-\${HOSTNAME:-unknown}}"
autolab_node="\${autolab_node//[!A-Za-z0-9._-]/_}"
autolab_array=$((10#$SLURM_ARRAY_JOB_ID)) autolab_number=$((10#$SLURM_ARRAY_TASK_ID))
autolab_element="\${autolab_array}_$autolab_number"
autolab_start_key="\\"array_job_id\\":\\"$autolab_array\\",\\"array_task_id\\":$autolab_number,\\"job_id\\":\\"$SLURM_JOB_ID\\",\\"restart_count\\":"
autolab_job="$autolab_start_key$autolab_restart,\\"node\\":\\"$autolab_node\\""

${ELEMENT_CLOCK}
${ELEMENT_FENCE}
${START_SHIM}
${signalsWith({ ...WORKER_SIGNALS, alone: `${WORKER_SIGNALS.alone}${TO_COMMAND}` })}${GRACE.replace('autolab_has_grace', 'autolab_ask_grace')}
${ELEMENT_TASK}
${ELEMENT_WORKER}
${ELEMENT_RUNNER}
${ELEMENT_WATCH}
${ELEMENT_LAST}
# One element of an array: the fence, the code, and then the activation of the script.
autolab_stamp
autolab_born=$autolab_ms autolab_born_at=$autolab_at
autolab_make_own || autolab_leave "run $AUTOLAB_RUN_ID cannot be claimed in $autolab_receipts"
autolab_temporary="$autolab_own/task"
if [ -z "$autolab_worker" ]; then autolab_claim_own_task; fi
trap autolab_finish EXIT
autolab_traps
cd -- "$AUTOLAB_REPO_ROOT" || exit
${CODE_CHECK}${LISTING_CHECK}
`;
}
