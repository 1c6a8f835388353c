import { CODE_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';
import { AT_EXIT } from '../slurm-pieces.ts';

/** `autolab_tasks`, the last command of the script, and the last chance to leave receipts. */
export const ELEMENT_LAST = `autolab_tasks() {
  autolab_options=$-
  set +x
  if [[ $autolab_options = *x* ]]; then autolab_xtrace=1; fi
  trap - ERR
  autolab_other="$(trap -p EXIT)"
  if [ "$autolab_other" = "trap -- 'autolab_finish' EXIT" ]; then autolab_other=; fi
  trap autolab_finish EXIT
  autolab_before
  autolab_why=
  if [ -n "$autolab_worker" ]; then
    autolab_hand_over
    return 0
  fi
  if ! autolab_load; then
    autolab_why=not_prepared
    exit ${NOT_CLAIMED_STATUS}
  fi
  autolab_begin_watch
  autolab_task
}

# Why a task that this element claimed did not begin.
autolab_start_error() {
  case $autolab_why in
    signal) autolab_error='its job was told to end before it began' ;;
    code_changed) autolab_error='the code is not what was approved' ;;
    inputs_changed) autolab_error='the data are not what they were at the launch' ;;
    not_prepared) autolab_error='its row or its folder could not be read or made' ;;
    *) autolab_error="the script ended with $autolab_status before the task began" ;;
  esac
}

autolab_element_receipt() {
  local autolab_name="element.$autolab_element.$autolab_restart" autolab_task_said=null
  if [ -z "$autolab_worker" ]; then autolab_task_said=$autolab_index; fi
  autolab_stamp
  { printf '{%s,"task":%s,"why":"%s","exit_code":%s,"line":%s,"begun":%s,"started_at":"%s","ended_at":"%s","signals":[%s]}\\n' \\
    "$autolab_job" "$autolab_task_said" "$autolab_why" "$autolab_status" "$autolab_line" "$autolab_count_begun" \\
    "$autolab_born_at" "$autolab_at" "$autolab_signals" >| "$autolab_own/$autolab_name"; } 2>/dev/null || :
  autolab_put "$autolab_name"
}

# The receipt of the task in hand, from a script that ends.
autolab_note_rest() {
  if [ -n "$autolab_end" ] && { [ -z "$autolab_began" ] || [ -n "$autolab_worker" ]; }; then autolab_why=signal; fi
  if [ -z "$autolab_claimed" ]; then return 0; fi
  if [ -z "$autolab_began" ]; then
    if [ -z "$autolab_why" ]; then autolab_why=left; fi
    autolab_start_error
    autolab_note_exit null '' "$autolab_error"
  else autolab_note_exit "$autolab_status" '' ''; fi
}

autolab_finish() {
${AT_EXIT}  if [ -n "$autolab_watcher" ]; then command kill -s KILL "$autolab_watcher"; fi 2>/dev/null
  if [ -n "$autolab_probe" ]; then command kill "$autolab_probe"; fi 2>/dev/null
  if [ "$autolab_why" = left ] && [ "$autolab_status" = ${CODE_CHANGED_STATUS} ] && [ -e "$autolab_receipt/code_changed" ]; then autolab_why=code_changed; fi
  autolab_note_rest
  if [ -n "$autolab_why" ]; then autolab_element_receipt; fi
  autolab_remove_own
  if [ -n "$autolab_other" ]; then
    eval "set -- $autolab_other"
    eval "$3"
  fi
  exit "$autolab_status"
}
`;
