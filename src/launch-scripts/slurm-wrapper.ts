import { INPUTS_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../schedulers/script-statuses.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT, SAMPLER_SCRIPT } from './beside.ts';
import { AT_EXIT, childOf, commandWords, COUNT, GRACE, PROBE, SIGNALS, START_SHIM, WAIT } from './slurm-pieces.ts';

/**
 * `autolab_run` of a Slurm script: starts the entrypoint once, records that it began and how it ended, and passes on the
 * signals that only the batch shell got. autolab writes this text beside the script, and the prologue reads it. Bash 4.2.
 *
 * - The entrypoint is a background child, so that bash can handle a signal while it runs. By default such a child has
 *   stdin from /dev/null and ignores SIGINT (bash 4.2 cannot change the latter). `wait` returns when a trap ran, and is
 *   called again if the child is still there. While it waits, bash loses the status of a child that ends at the moment of a
 *   signal: so a shell in between waits for the entrypoint and records its status. That shell handles signals and does
 *   nothing: if it ignored them, bash 4.2 could not restore them for the entrypoint.
 * - A signal that comes just after `wait` returned makes bash (since 4.4) end the next `wait` at once with its status, and no
 *   trap runs then: hence `kill -0`. If two signals with a trap are pending, bash loses one, as it leaves the handler of the
 *   other by a jump out of `wait`. So SIGCONT has no trap: Slurm sends it within milliseconds of every other signal.
 * - A signal from slurmd reaches every process of the batch step, or only the batch shell (`--signal=B:`, `scancel
 *   --batch`). An idle probe process shows which: if it is gone, all processes got the signal, and nothing is passed on,
 *   since programs take a second signal as an order to exit at once. srun does not get TERM, which would make it kill its
 *   tasks: the step gets it. After the end of the entrypoint only signals that end the shell have an effect.
 * - Each start makes a file with exclusive creation, named by restart and task. Before they are counted, the folder is
 *   written to: otherwise NFS may answer from its cache, without the files of other nodes.
 * - After scancel and TIMEOUT, a child that a signal ended leaves `$?` at 0 in the EXIT trap: hence a trap for each
 *   signal. The EXIT trap is the last chance to leave a receipt: it ignores further signals, and sets its own PATH.
 * - The line of the activation that failed: at the top level the ERR trap has it (under `-e`, where an error ends the
 *   script); inside a function or a sourced file the EXIT trap finds its caller on the stack. Neither changes how an
 *   activation runs.
 * - At the beginning of a preemption's grace Slurm signals the steps of the job, and at its end the batch script. So in a
 *   partition with a grace a single task is started as a step.
 * - An activation may clear Slurm's variables, and srun would then request a new job: the job's id is kept and passed. It
 *   may also set an EXIT trap, which would replace ours: its text is run after the receipt.
 * - An activation may trace itself to stdout, define functions called `date` or `mv`, and make variables readonly: so our
 *   code is not traced, programs are called by `command`, and all our names begin with autolab_.
 * - The sampler (sample-script.ts) starts behind the traps, which a background child does not inherit. It is disowned, because
 *   a bare `wait` in a script would wait for it. What it does or fails to do has no effect here.
 * - The shell that counts a task's start would read BASH_ENV once more; the entrypoint gets it unchanged.
 */
export const WRAPPER_FILE = 'wrapper.sh';
/**
 * Beside it, if the design collects something from outside the run's folder: the script that the job runs at its end.
 */
export const COLLECT_FILE = 'collect.sh';

/** The longest time for copying what the design collects. */
const COLLECT_SECONDS = 3600;

const PLAIN = 'set -- "$autolab_start" "${BASH_ENV-}" "$@"';
const CHILD = childOf({
  process: '"$BASHPID"',
  inner: 'if [ -n "$autolab_srun" ]; then export BASH_ENV=; else eval "$autolab_shim"; fi',
  told: `printf '%s\\n' "$autolab_code"`,
  streams: '<&0',
});

export const SLURM_WRAPPER = `# autolab wrapper v3
autolab_line=null autolab_entry= autolab_child= autolab_end= autolab_signals= autolab_srun= autolab_other= autolab_sampler=
autolab_id="$SLURM_JOB_ID" autolab_partition="\${SLURM_JOB_PARTITION-}"
autolab_start="$autolab_receipt/start.$autolab_restart"
${START_SHIM}
${SIGNALS}${GRACE}# What is looked at just before the entrypoint: if its data are not what they were, it is not started.
autolab_before() {
  if [ -f "$autolab_receipt/${INPUTS_SCRIPT}" ]; then
    autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${INPUTS_SCRIPT}" < /dev/null || exit ${INPUTS_CHANGED_STATUS}
  fi
  if [ -f "$autolab_receipt/${ENVIRONMENT_SCRIPT}" ]; then
    autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${ENVIRONMENT_SCRIPT}" < /dev/null > /dev/null 2>&1 || :
  fi
}

# In the background, with an empty environment; it ends when this shell does.
autolab_sample() {
  if [ ! -f "$autolab_receipt/${SAMPLER_SCRIPT}" ]; then return 0; fi
  IFS=' ' read -r autolab_uptime _ < /proc/uptime || return 0
  (
    trap '' HUP INT QUIT USR1 USR2 TERM
    exec -c -- "$BASH" -p -- "$autolab_receipt/${SAMPLER_SCRIPT}" loop "$$" "$autolab_uptime" "$autolab_path" "\${CUDA_VISIBLE_DEVICES-}"
  ) < /dev/null > /dev/null 2>&1 &
  autolab_sampler=$!
  disown "$autolab_sampler" 2>/dev/null || :
}

autolab_last_sample() {
  local autolab_parent=
  if [ -z "$autolab_sampler" ]; then return 0; fi
  # Its number may be another process's by now.
  IFS=' ' read -r _ _ _ autolab_parent _ < "/proc/$autolab_sampler/stat"
  if [ "$autolab_parent" = "$$" ]; then command kill -s KILL "$autolab_sampler"; fi
  command timeout -s KILL 5 env -i "$BASH" -p -- "$autolab_receipt/${SAMPLER_SCRIPT}" last "$$" "$autolab_uptime" "$autolab_path" "\${autolab_code-}" < /dev/null
} > /dev/null 2>&1

# autolab_run COMMAND [ARGUMENT]..., or autolab_run srun [OPTION]... -- COMMAND [ARGUMENT]...
autolab_run() {
  local -a autolab_words
  local autolab_status_said autolab_options=$-
  set +x
  autolab_xtrace=
  if [[ $autolab_options = *x* ]]; then autolab_xtrace=1; fi
  if [ -n "$autolab_entry" ]; then
    printf 'autolab: autolab_run starts one command, and it was called before\\n' >&2
    exit ${NOT_CLAIMED_STATUS}
  fi
${commandWords(PLAIN)}  trap - ERR
  autolab_other="$(trap -p EXIT)"
  if [ "$autolab_other" = "trap -- 'autolab_finish' EXIT" ]; then autolab_other=; fi
  trap autolab_finish EXIT
  autolab_before
  autolab_entry="$autolab_job,\\"node\\":\\"$autolab_node\\",\\"began_at\\":\\"$(autolab_now)\\""
  autolab_tell entrypoint.json "$autolab_entry"
${PROBE}  autolab_sample
${CHILD}${WAIT}  PATH="$autolab_path" command rm -f -- "$autolab_temporary.code" "$autolab_temporary.pid" || :
  autolab_entry="$autolab_entry,\\"exit_code\\":$autolab_code,\\"ended_at\\":\\"$(autolab_now)\\""
  command kill "$autolab_probe" 2>/dev/null || :
  if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
  if [ -n "$autolab_xtrace" ]; then set -x; fi
  return "$autolab_code"
}

${COUNT}autolab_end_of_entrypoint() {
  local autolab_expected="\${AUTOLAB_TASKS:-1}" autolab_counted autolab_look
  for autolab_look in 1 2 3 4 5; do
    : >| "$autolab_temporary"
    autolab_counted="$(autolab_count)"
    if [ "$autolab_counted" = "$autolab_expected" ] || [ "$autolab_status" != 0 ]; then break; fi
    command sleep 1
  done 2>/dev/null
  autolab_tell entrypoint.json "$autolab_entry,\\"starts\\":{\\"expected\\":$autolab_expected,\\"begun\\":$autolab_counted},\\"signals\\":[$autolab_signals]" 2>/dev/null
}

# A node's own disk may be gone after the job.
autolab_collect() {
  local autolab_kept="collected.$SLURM_JOB_ID.$autolab_restart"
  if [ ! -f "$autolab_receipt/${COLLECT_FILE}" ]; then return 0; fi
  command timeout ${COLLECT_SECONDS} sh "$autolab_receipt/${COLLECT_FILE}" < /dev/null > "$autolab_receipt/$autolab_kept.part" 2>&1
  command mv -f -- "$autolab_receipt/$autolab_kept.part" "$autolab_receipt/$autolab_kept"
}

autolab_exit() {
  autolab_tell exit.json "$autolab_job,\\"exit_code\\":$autolab_status,$autolab_begun,\\"ended_at\\":\\"$(autolab_now)\\""
}

autolab_finish() {
${AT_EXIT}  if [ -n "$autolab_entry" ]; then
    autolab_end_of_entrypoint
    # If the job was asked to end, the receipt comes first: time is short.
    if [ -n "$autolab_end" ]; then autolab_exit; fi
    autolab_last_sample
    autolab_collect
  else autolab_tell left.json "$autolab_job,\\"exit_code\\":$autolab_status,\\"line\\":$autolab_line"; fi
  autolab_exit
  if [ -n "$autolab_other" ]; then
    eval "set -- $autolab_other"
    eval "$3"
  fi
  exit "$autolab_status"
}
`;
