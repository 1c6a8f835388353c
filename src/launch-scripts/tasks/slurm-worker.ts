/** An element that does many short tasks, as its runner does them: it takes the next one that is not claimed. */
export const ELEMENT_WORKER = `# Takes the next task until none is left. Each worker begins with its share, so that they do not race for the same ones.
autolab_work() {
  autolab_why=none_left autolab_ends= autolab_stride=1
  if [[ \${SLURM_JOB_END_TIME-} =~ ^[0-9]{1,12}$ ]]; then autolab_ends=$((10#$SLURM_JOB_END_TIME * 1000))
  elif [[ \${AUTOLAB_WORKER_SECONDS-} =~ ^[0-9]{1,9}$ ]]; then autolab_ends=$((autolab_born + 10#$AUTOLAB_WORKER_SECONDS * 1000)); fi
  if [[ \${AUTOLAB_TASK_SECONDS-} =~ ^[0-9]{1,9}$ ]]; then autolab_limit=$((10#$AUTOLAB_TASK_SECONDS * 1000)); fi
  if ((autolab_restart > 0)); then autolab_settle || return 0; fi
  if [[ \${SLURM_ARRAY_TASK_COUNT-} =~ ^[1-9][0-9]{0,6}$ ]]; then autolab_stride=$SLURM_ARRAY_TASK_COUNT; fi
  for ((autolab_next = autolab_number % autolab_stride; autolab_next < AUTOLAB_TASK_COUNT; autolab_next += autolab_stride)); do
    autolab_try "$autolab_next" || return 0
  done
  autolab_stride=1
  for ((autolab_next = 0; autolab_next < AUTOLAB_TASK_COUNT; autolab_next++)); do autolab_try "$autolab_next" || return 0; done
}

# After a requeue: the tasks that an earlier start of this element had in hand come first.
autolab_settle() {
  local autolab_next
  for ((autolab_next = 0; autolab_next < AUTOLAB_TASK_COUNT; autolab_next++)); do
    if [ ! -e "$autolab_receipts/claim.$autolab_next.0" ] || ! autolab_next_attempt "$autolab_next"; then continue; fi
    if [ -e "$autolab_receipts/cancel.$autolab_next" ]; then continue; fi
    autolab_goes_on "$autolab_next" || return 1
    if autolab_make_claim "$autolab_next"; then autolab_do "$autolab_next" || return 1
    elif [ -n "$autolab_made" ]; then
      autolab_why=cannot_claim
      return 1
    fi
  done
}

# autolab_try INDEX: does the task unless somebody has it. Returns 1 if no other task may begin.
autolab_try() {
  if [ -e "$autolab_receipts/claim.$1.0" ]; then return 0; fi
  if ! autolab_goes_on "$1"; then
    if [ "$autolab_why" != cancel ]; then return 1; fi
    autolab_why=none_left
    return 0
  fi
  autolab_attempt=0
  if ! autolab_make_claim "$1"; then
    # Somebody else's, or nothing can be claimed.
    if [ -z "$autolab_made" ] && [ -e "$autolab_receipts/claim.$1.0" ]; then return 0; fi
    autolab_why=cannot_claim
    return 1
  fi
  autolab_do "$1"
}

# autolab_goes_on INDEX: whether it may begin; if not, autolab_why says why. The first task of a worker is not asked for its
# time: it has more than any later one. Nothing begins if the shell that made this one is gone, with which the job ends.
autolab_goes_on() {
  if [ -n "$autolab_end" ] || ! command kill -0 "$$"; then autolab_why=signal
  elif autolab_forbidden "$1"; then autolab_why=$autolab_reason
  elif [ -z "$autolab_ends" ] || [ "$autolab_count_begun" = 0 ]; then return 0
  else
    autolab_stamp
    if ((autolab_ms + \${autolab_limit:-0} <= autolab_ends)); then return 0; fi
    autolab_why=time
  fi
  return 1
}

# The task was claimed.
autolab_do() {
  autolab_index=$1 autolab_claimed=1 autolab_began=
  if autolab_forbidden "$1"; then
    if [ "$autolab_reason" = closed ]; then autolab_claimed=; else autolab_note_exit null request ''; fi
    if [ "$autolab_reason" = cancel ]; then return 0; fi
    autolab_why=$autolab_reason
    return 1
  fi
  if [ -n "$autolab_end" ]; then
    autolab_note_told
    return 1
  fi
  if autolab_load; then
    cd -- "$AUTOLAB_REPO_ROOT" || :
    autolab_outside=1
    autolab_task || :
    autolab_outside=
    set +x
    if [ -n "$autolab_claimed" ]; then autolab_note_exit null '' 'the script started no command for it'; fi
  else autolab_note_exit null '' 'its row or its folder could not be read or made'; fi
  autolab_index=
}
`;
