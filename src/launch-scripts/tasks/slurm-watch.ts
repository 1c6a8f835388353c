/** A process beside the tasks of an element: it ends one when its time is over, or its end is requested. */
export const ELEMENT_WATCH = `# A process that looks once a second at the task in hand: whether its time is over, or its end was requested. It has the file
# \`now\`: index, end of the time in milliseconds, whether it is a step, attempt, when it began, and which one of this
# element it is. That of a worker may have ended. It starts no programs until then.
autolab_begin_watch() {
  ( autolab_watch ) < /dev/null > /dev/null 2>&1 &
  autolab_watcher=$!
  disown "$autolab_watcher" 2>/dev/null || :
}
autolab_watch_task() {
  autolab_until=0
  if [ -n "$autolab_limit" ]; then autolab_until=$((autolab_began_ms + autolab_limit)); fi
  { printf '%s %s %s %s %s %s %s\\n' "$autolab_index" "$autolab_until" "\${autolab_srun:-0}" "$autolab_attempt" \\
    "$autolab_began_ms" "$autolab_began" "$autolab_count_begun" 1<> "$autolab_own/now"; } 2>/dev/null || :
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
    IFS=' ' read -r autolab_index autolab_until autolab_step autolab_attempt _ < "$autolab_own/now"
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
# The process of the task and its descendants. That of a worker's is a child of its runner, if the task has not ended.
autolab_find() {
  local autolab_pid= autolab_whose= autolab_list autolab_seen=0 autolab_stat=
  local -a autolab_children
  autolab_pids=()
  { IFS= read -r autolab_pid; IFS= read -r autolab_whose; } < "$autolab_own/task.pid"
  [[ $autolab_pid =~ ^[0-9]+$ && $autolab_whose = "$autolab_index" ]] || return 0
  if [ -n "$autolab_worker" ]; then
    IFS= read -r autolab_stat < "/proc/$autolab_pid/stat"
    [[ \${autolab_stat##*) } = ?" $autolab_child "* ]] || return 0
  fi
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
