/**
 * An element that does many short tasks: it takes the next one that nobody has. A task costs one `ln`, which links its claim
 * and the receipt of the task before, and the processes of the task itself.
 */
export const ELEMENT_WORKER = `# Takes the next task until none is left. Each worker begins with its share, so that they do not race for the same ones.
autolab_work() {
  local autolab_next autolab_stride="\${SLURM_ARRAY_TASK_COUNT:-1}"
  autolab_why=none_left
  autolab_ends=
  if [[ \${SLURM_JOB_END_TIME-} =~ ^[0-9]{1,12}$ ]]; then autolab_ends=$((10#$SLURM_JOB_END_TIME * 1000))
  elif [[ \${AUTOLAB_WORKER_SECONDS-} =~ ^[0-9]{1,9}$ ]]; then autolab_ends=$((autolab_born + 10#$AUTOLAB_WORKER_SECONDS * 1000)); fi
  if [[ \${AUTOLAB_TASK_SECONDS-} =~ ^[0-9]{1,9}$ ]]; then autolab_limit=$((10#$AUTOLAB_TASK_SECONDS * 1000)); fi
  autolab_begin_watch
  if ((autolab_restart > 0)); then autolab_settle || return 0; fi
  [[ $autolab_stride =~ ^[1-9][0-9]{0,6}$ ]] || autolab_stride=1
  for ((autolab_next = autolab_number % autolab_stride; autolab_next < AUTOLAB_TASK_COUNT; autolab_next += autolab_stride)); do
    autolab_try "$autolab_next" || return 0
  done
  for ((autolab_next = 0; autolab_next < AUTOLAB_TASK_COUNT; autolab_next++)); do autolab_try "$autolab_next" || return 0; done
}

# After a requeue: the tasks that an earlier start of this element had in hand come first.
autolab_settle() {
  local autolab_next
  for ((autolab_next = 0; autolab_next < AUTOLAB_TASK_COUNT; autolab_next++)); do
    if [ ! -e "$autolab_receipts/claim.$autolab_next.0" ] || ! autolab_next_attempt "$autolab_next"; then continue; fi
    if [ -e "$autolab_receipts/cancel.$autolab_next" ]; then continue; fi
    autolab_goes_on || return 1
    if autolab_link_claim "$autolab_next" "$autolab_attempt"; then autolab_do "$autolab_next" || return 1; fi
  done
}

# autolab_try INDEX: does the task unless somebody has it. Returns 1 if no other task may begin.
autolab_try() {
  if [ -e "$autolab_receipts/claim.$1.0" ] || [ -e "$autolab_receipts/cancel.$1" ]; then return 0; fi
  autolab_goes_on || return 1
  if ! autolab_link_claim "$1" 0; then
    # Somebody else's, or nothing can be claimed.
    if [ -e "$autolab_receipts/claim.$1.0" ]; then return 0; fi
    autolab_why=cannot_claim
    return 1
  fi
  autolab_attempt=0
  autolab_do "$1"
}

# The first task of a worker is not asked for its time: it has more than any later one.
autolab_goes_on() {
  if autolab_forbidden none; then
    autolab_why=$autolab_reason
    return 1
  fi
  if [ -z "$autolab_ends" ] || [ "$autolab_count_begun" = 0 ]; then return 0; fi
  autolab_stamp
  if ((autolab_ms + \${autolab_limit:-0} <= autolab_ends)); then return 0; fi
  autolab_why=time
  return 1
}

autolab_do() {
  autolab_index=$1 autolab_claimed=1 autolab_began=
  if autolab_forbidden "$1"; then
    if [ "$autolab_reason" = closed ]; then autolab_claimed=; else autolab_note_exit null request ''; fi
    if [ "$autolab_reason" = cancel ]; then return 0; fi
    autolab_why=$autolab_reason
    return 1
  fi
  if autolab_load; then
    cd -- "$AUTOLAB_REPO_ROOT" || :
    autolab_task || :
    set +x
    if [ -n "$autolab_claimed" ]; then autolab_note_exit null '' 'the script started no command for it'; fi
  else autolab_note_exit null '' 'its row or its folder could not be read or made'; fi
  autolab_index=
  if ((autolab_count_begun % 64 == 0)); then autolab_tidy; fi
}
autolab_tidy() {
  local PATH="$autolab_path"
  autolab_flush
  ( shopt -s nullglob; set +f; command rm -f -- "$autolab_own"/* ) || :
}

# A process that looks once a second at the task in hand: whether its time is over, or its end was requested. It has the file
# \`now\`: index, end of the time in milliseconds, whether it is a step, and its attempt. It starts no programs until then.
autolab_begin_watch() {
  ( autolab_watch ) < /dev/null > /dev/null 2>&1 &
  autolab_watcher=$!
  disown "$autolab_watcher" 2>/dev/null || :
}
autolab_watch_task() {
  local autolab_until=0
  if [ -n "$autolab_limit" ]; then autolab_until=$((autolab_began_ms + autolab_limit)); fi
  { printf '%s %s %s %s\\n' "$autolab_index" "$autolab_until" "\${autolab_srun:-0}" "$autolab_attempt" 1<> "$autolab_own/now"; } 2>/dev/null || :
}
autolab_watch() {
  local -a autolab_pids=()
  local autolab_parent autolab_idle autolab_told= autolab_kill_at=0 autolab_by autolab_until autolab_step
  trap '' HUP INT QUIT USR1 USR2 TERM
  trap - EXIT ERR
  set +eux
  PATH="$autolab_path" IFS=' '
  exec {autolab_idle}<> <(:)
  while :; do
    read -rt 1 -u "$autolab_idle"
    # It can only time out.
    (($? > 128)) || return 0
    IFS=' ' read -r _ _ _ autolab_parent _ < "/proc/$BASHPID/stat"
    if [ "$autolab_parent" != "$$" ]; then return 0; fi
    autolab_index= autolab_attempt=
    IFS=' ' read -r autolab_index autolab_until autolab_step autolab_attempt < "$autolab_own/now"
    if [ -z "$autolab_index" ] || [ -z "$autolab_attempt" ]; then autolab_index=; fi
    if [ "$autolab_told" != "$autolab_index" ]; then
      autolab_told= autolab_by=
      if [ -z "$autolab_index" ]; then continue; fi
      autolab_stamp
      if ((autolab_until > 0 && autolab_ms >= autolab_until)); then autolab_by=time_limit
      elif [ -e "$autolab_receipts/cancel.$autolab_index" ]; then autolab_by=request
      else continue; fi
      autolab_find
      printf '%s\\n' "$autolab_by" "\${autolab_pids[*]-}" >| "$autolab_own/$autolab_index.ended"
      autolab_told=$autolab_index autolab_kill_at=$((autolab_ms + autolab_grace * 1000))
      autolab_send TERM
    else
      autolab_stamp
      if ((autolab_ms >= autolab_kill_at)); then
        autolab_find
        autolab_send KILL
      fi
    fi
  done
}
# The process of the task and its descendants.
autolab_find() {
  local autolab_pid= autolab_whose= autolab_list autolab_seen=0
  local -a autolab_children
  autolab_pids=()
  { IFS= read -r autolab_pid; IFS= read -r autolab_whose; } < "$autolab_own/task.pid"
  [[ $autolab_pid =~ ^[0-9]+$ && $autolab_whose = "$autolab_index" ]] || return 0
  autolab_pids=("$autolab_pid")
  while ((autolab_seen < \${#autolab_pids[@]} && autolab_seen < 4096)); do
    for autolab_list in /proc/"\${autolab_pids[autolab_seen]}"/task/*/children; do
      autolab_children=()
      IFS=' ' read -ra autolab_children < "$autolab_list"
      autolab_pids+=("\${autolab_children[@]}")
    done
    autolab_seen=$((autolab_seen + 1))
  done
}
autolab_send() {
  local autolab_at_step=
  if [ "$autolab_step" = 1 ]; then
    IFS= read -r autolab_at_step < "$autolab_receipts/start.$autolab_index.$autolab_attempt.0"
    if [ -n "$autolab_at_step" ]; then command timeout 20 scancel --signal="$1" "$autolab_id.$autolab_at_step"; fi
    if [ -n "$autolab_at_step" ] && [ "$1" = TERM ]; then return 0; fi
  fi
  if ((\${#autolab_pids[@]} > 0)); then command kill -s "$1" "\${autolab_pids[@]}"; fi
}
`;
