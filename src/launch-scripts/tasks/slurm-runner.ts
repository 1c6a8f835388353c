import { NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';
import { AT_EXIT, PROBE } from '../slurm-pieces.ts';
import { STEP_ENV, TASK_STREAMS } from './slurm-task.ts';

/**
 * The two shells of a worker. Bash handles no signal while a command runs in the foreground; and while it waits for one in
 * the background, it may lose the status of a command that ends at the moment of a signal (slurm-wrapper.ts). The element of
 * one task has a shell in between for that, which would cost a worker a process for each task. So a worker does all its tasks
 * in one child, the runner, which starts each command in the foreground; the batch shell handles the signals meanwhile.
 *
 * - A signal that all processes got reaches the runner, too, which notes it after the command. What the batch shell alone got
 *   it passes on: first to the runner, then to the command. The runner exits only while code of the script is at work, and
 *   otherwise finishes what it writes.
 * - The runner leaves `told`: why it ended, how many tasks it began, and whether it returned or the script called `exit`.
 *   Without it, the runner was killed, as by its own task: then the batch shell writes the receipt of that task, and makes
 *   another one.
 */

/** Beside the handlers of `signalsWith`. */
export const WORKER_SIGNALS = {
  first: `  if [ -n "$autolab_in_runner" ]; then
    if [ -n "$autolab_end" ] && [ -n "$autolab_outside" ]; then exit "$autolab_end"; fi
    return 0
  fi
`,
  spread: `{
    if [ -n "$autolab_worker" ] && [ -z "$autolab_end" ]; then autolab_begin_probe; fi
    return 0
  }`,
  alone: `  if [ -n "$autolab_worker" ]; then
    autolab_pass_on "$1"
    return 0
  fi
`,
};

export const ELEMENT_RUNNER = `autolab_begin_probe() {
${PROBE}}
autolab_hand_over() {
  autolab_entry=1
  autolab_begin_probe
  while :; do
    ( autolab_runner ) <&0 &
    autolab_child=$!
    autolab_begin_watch
    while autolab_code=0; do
      wait "$autolab_child" || autolab_code=$?
      command kill -0 "$autolab_child" 2>/dev/null || break
    done
    autolab_child=
    if { IFS=' ' read -r autolab_why autolab_count_begun autolab_line autolab_status_said autolab_returned < "$autolab_own/told"; } 2>/dev/null; then break; fi
    # Slurm kills one process after the other.
    if [ -z "$autolab_end" ]; then PATH="$autolab_path" command sleep 1 || :; fi
    if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
    command kill -s KILL "$autolab_watcher" 2>/dev/null || :
    if ! autolab_note_lost; then
      autolab_why=left
      exit "$autolab_code"
    fi
  done
  if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
  if [ -z "$autolab_returned" ]; then exit "$autolab_status_said"; fi
}
# The task that a runner had in hand which was killed; fails if there was none.
autolab_note_lost() {
  local autolab_said=
  { IFS=' ' read -r autolab_index _ _ autolab_attempt autolab_began_ms autolab_began autolab_count_begun < "$autolab_own/now"; } 2>/dev/null && [ -n "$autolab_began" ] || return 1
  { IFS= read -r autolab_said < "$autolab_receipts/$autolab_index.exit"; } 2>/dev/null || :
  if [[ $autolab_said = '{"attempt":'"$autolab_attempt,"*'}' ]]; then return 1; fi
  autolab_note_exit "$autolab_code" '' ''
  autolab_index= autolab_began=
}

# autolab_pass_on SIGNAL: to the runner, and to the command of its task.
autolab_pass_on() (
  autolab_pids=() autolab_step= autolab_at_step=
  set +eu
  command kill -s "$1" "$autolab_child"
  IFS=' ' read -r autolab_index _ autolab_step autolab_attempt _ < "$autolab_own/now" || exit 0
  if [ "$autolab_step" = 1 ] && [ -n "$autolab_end" ]; then
    IFS= read -r autolab_at_step < "$autolab_receipts/start.$autolab_index.$autolab_attempt.0"
    if [ -n "$autolab_at_step" ]; then command timeout 20 scancel --signal="$1" "$autolab_id.$autolab_at_step"; fi
  else
    autolab_find
    if ((\${#autolab_pids[@]} > 0)); then command kill -s "$1" "\${autolab_pids[0]}"; fi
  fi
  exit 0
) 2>/dev/null

autolab_runner() {
  autolab_in_runner=1 autolab_watcher= autolab_probe= autolab_returned=
  autolab_traps
  trap - ERR
  trap : QUIT
  trap autolab_end_runner EXIT
  autolab_look_at_script
  autolab_work
  autolab_returned=1
  exit 0
}
# Whether a task is its command and nothing else, as in the scripts that autolab renders: then nothing needs to be looked at
# again just before the command.
autolab_look_at_script() {
  local autolab_said autolab_pattern=$'^autolab_task \\\\(\\\\) *\\n\\\\{ *\\n *autolab_run [^;&|()<>\`\\n]*\\n\\\\} *$'
  autolab_plain= autolab_used=
  autolab_said="$(declare -f autolab_task)" || :
  if [[ $autolab_said =~ $autolab_pattern ]]; then autolab_plain=1; fi
}
autolab_end_runner() {
${AT_EXIT}  autolab_note_rest
  { printf '%s %s %s %s %s\\n' "$autolab_why" "$autolab_count_begun" "$autolab_line" "$autolab_status" "$autolab_returned" >| "$autolab_own/told"; } 2>/dev/null
}

# The command of a task, which this shell waits for.
autolab_run_in_turn() {
  autolab_opened= autolab_lacks= autolab_before= autolab_code=0
  if [ "$autolab_attempt" != 0 ]; then autolab_log_attempt; fi
  {
    autolab_opened=1
    {
      autolab_note_start || autolab_lacks=1
      autolab_watch_task
      if [[ -n $autolab_plain && -n $autolab_used ]] || autolab_look_at_times; then autolab_before=$autolab_used; fi
    } 2>/dev/null
    if [ -z "$autolab_end" ]; then
      (
        trap - HUP INT QUIT USR1 USR2 TERM
        { printf '%s\\n' "$BASHPID" "$autolab_index" 1<> "$autolab_temporary.pid"; } 2>/dev/null || :
        ${STEP_ENV}
        if [ -n "$autolab_xtrace" ]; then set -x; fi
        exec -- "\${autolab_command[@]}"
      ) || autolab_code=$?
    else autolab_opened=told; fi
  } ${TASK_STREAMS} || :
  if [ "$autolab_opened$autolab_lacks" != 1 ]; then autolab_check_begun || return; fi
  if [ -n "$autolab_before" ] && autolab_look_at_times 2>/dev/null; then autolab_note_cpu "$((autolab_used - autolab_before))"; fi
  case "$autolab_code:$autolab_signals" in 129: | 130: | 137: | 138: | 140: | 143:) autolab_wait_for_signal ;; esac
}
# Slurm signals one process after the other: its signal may come to this shell a moment later.
autolab_wait_for_signal() {
  PATH="$autolab_path" command sleep 1 || :
  autolab_used=
}
# Whether it began, if not all went well.
autolab_check_begun() {
  if [ -n "$autolab_lacks" ]; then autolab_note_unwritten "$autolab_index.started"; fi
  case $autolab_opened in
    1) return 0 ;;
    told)
      autolab_began= autolab_count_begun=$((autolab_count_begun - 1))
      autolab_note_told
      ;;
    *) autolab_note_no_logs ;;
  esac
  autolab_code=${NOT_CLAIMED_STATUS}
  return 1
}
autolab_note_told() {
  autolab_why=signal
  autolab_start_error
  autolab_note_exit null '' "$autolab_error"
}
# The time of the children that this shell has waited for, or nothing. The file is written over: one that is cut costs more.
autolab_look_at_times() {
  autolab_used=
  builtin times 1<> "$autolab_own/times" && { read -r _ && autolab_read_times; } < "$autolab_own/times"
}
`;
