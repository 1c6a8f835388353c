import { INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import { INPUTS_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT } from '../beside.ts';
import { childOf, commandWords, COUNT, PROBE, WAIT } from '../slurm-pieces.ts';

/**
 * One task of an element: its variables and folder, its start, and the receipt of its end. Values of parameters become
 * variables only, never names or text of the shell.
 *
 * The status is the shell's: 128 + n is called a signal only if that signal was sent by Slurm or by this script. The CPU
 * time is that of the processes that the command and its children have waited for; a step's is not known here.
 */

const TASK_TABLE_FILE = 'tasks.table';
const TASK_STDOUT = 'stdout.log';
const TASK_STDERR = 'stderr.log';

const WORDS = commandWords(':');
const CHILD = childOf({
  process: '"$BASHPID" "$autolab_index"',
  inner: 'if [ -n "$autolab_srun" ]; then export BASH_ENV=; fi',
  told: `{ printf '%s\\n' "$autolab_code"; builtin times; }`,
  into: '1<>',
  streams: `<&0 >> "$AUTOLAB_TASK_DIR/${TASK_STDOUT}" 2>> "$AUTOLAB_TASK_DIR/${TASK_STDERR}"`,
});

export const ELEMENT_TASK = `${COUNT}# A single task in a partition with a grace is a step; the controller is asked once.
autolab_has_grace() {
  if [ -z "$autolab_grace_asked" ]; then
    autolab_grace_asked=no
    if autolab_ask_grace; then autolab_grace_asked=yes; fi
  fi
  [ "$autolab_grace_asked" = yes ]
}

# What is looked at before the first task: if its data are not what they were, nothing is started.
autolab_before() {
  if [ -f "$autolab_receipt/${INPUTS_SCRIPT}" ]; then
    autolab_said="$autolab_own/${INPUTS_CHANGED_FILE}" autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${INPUTS_SCRIPT}" < /dev/null || {
      PATH="$autolab_path" command mv -f -- "$autolab_own/${INPUTS_CHANGED_FILE}" "$autolab_receipt/${INPUTS_CHANGED_FILE}" || :
      autolab_why=inputs_changed
      exit ${INPUTS_CHANGED_STATUS}
    }
  fi
  # One element writes it for all.
  if [ -f "$autolab_receipt/${ENVIRONMENT_SCRIPT}" ] && [ ! -e "$autolab_receipt/environment.element" ] &&
    ( set -C; printf '%s\\n' "$autolab_element" > "$autolab_receipt/environment.element" ) 2>/dev/null; then
    autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${ENVIRONMENT_SCRIPT}" < /dev/null > /dev/null 2>&1 || :
  fi
}

# autolab_load INDEX: the variables of a task, and its folder. The rows are read some hundred at a time.
autolab_load() {
  local PATH="$autolab_path" autolab_row autolab_name autolab_at_row autolab_mark=$'\\x1f'
  local -a autolab_folders=()
  autolab_at_row=$((autolab_index / 500 * 500))
  if [ "$autolab_rows_from" != "$autolab_at_row" ]; then
    autolab_rows=()
    mapfile -t -s "$autolab_at_row" -n 500 autolab_rows < "$autolab_receipt/${TASK_TABLE_FILE}" || return 1
    autolab_rows_from=$autolab_at_row
  fi
  autolab_row="\${autolab_rows[autolab_index - autolab_at_row]-}"
  [ -n "$autolab_row" ] || return 1
  for autolab_name in "\${autolab_names[@]}"; do
    printf -v "autolab_task_$autolab_name" '%b' "\${autolab_row%%"$autolab_mark"*}"
    autolab_row="\${autolab_row#*"$autolab_mark"}"
  done
  printf -v AUTOLAB_TASK_PARAMS '%b' "$autolab_row"
  AUTOLAB_TASK_INDEX=$autolab_index AUTOLAB_TASK_DIR="$AUTOLAB_RUN_DIR/tasks/$autolab_index"
  export AUTOLAB_TASK_INDEX AUTOLAB_TASK_DIR AUTOLAB_TASK_PARAMS
  if [ -d "$AUTOLAB_TASK_DIR" ]; then return 0; fi
  autolab_folders=("$AUTOLAB_TASK_DIR")
  # A worker makes some at a time: a program costs more than a folder. Some may be there.
  for ((autolab_at_row = autolab_index + 1; autolab_at_row < autolab_index + 16; autolab_at_row++)); do
    if [ -n "$autolab_worker" ] && ((autolab_at_row < AUTOLAB_TASK_COUNT)); then autolab_folders+=("$AUTOLAB_RUN_DIR/tasks/$autolab_at_row"); fi
  done
  [ -d "$AUTOLAB_RUN_DIR/tasks" ] || command mkdir -p -- "$AUTOLAB_RUN_DIR/tasks" 2>/dev/null || :
  command mkdir -- "\${autolab_folders[@]}" 2>/dev/null || [ -d "$AUTOLAB_TASK_DIR" ]
}

# autolab_run COMMAND [ARGUMENT]..., or autolab_run srun [OPTION]... -- COMMAND [ARGUMENT]...
autolab_run() {
  local -a autolab_words
  local autolab_status_said
  set +x
  if [ -z "$autolab_claimed" ] || [ -n "$autolab_began" ]; then
    printf 'autolab: autolab_run starts one command of a task, and is called by autolab_tasks\\n' >&2
    return ${NOT_CLAIMED_STATUS}
  fi
  autolab_start="$autolab_receipts/start.$autolab_index.$autolab_attempt" autolab_temporary="$autolab_own/task" autolab_srun=
${WORDS}
  if autolab_forbidden "$autolab_index"; then
    autolab_note_exit null request ''
    return ${NOT_CLAIMED_STATUS}
  fi
  if ! { : >> "$AUTOLAB_TASK_DIR/${TASK_STDOUT}" && : >> "$AUTOLAB_TASK_DIR/${TASK_STDERR}"; } 2>/dev/null; then
    autolab_note_exit null '' 'its log files cannot be written'
    return ${NOT_CLAIMED_STATUS}
  fi
  # The log of an earlier attempt stays.
  if [ "$autolab_attempt" != 0 ]; then
    printf '\\nautolab: attempt %s of this task begins here\\n' "$((autolab_attempt + 1))" | PATH="$autolab_path" command tee -a -- "$AUTOLAB_TASK_DIR/${TASK_STDOUT}" >> "$AUTOLAB_TASK_DIR/${TASK_STDERR}" || :
  fi
  autolab_stamp
  autolab_began=$autolab_at autolab_began_ms=$autolab_ms autolab_signals= autolab_entry=1 autolab_count_begun=$((autolab_count_begun + 1))
  { printf '{"attempt":%s,%s,"started_at":"%s"}\\n' "$autolab_attempt" "$autolab_job" "$autolab_at" >| "$autolab_receipts/$autolab_index.started"; } 2>/dev/null ||
    printf 'autolab: receipts/%s.started could not be written\\n' "$autolab_index" >&2
  if [ -z "$autolab_probe" ] || ! command kill -0 "$autolab_probe" 2>/dev/null; then
${PROBE}
  fi
  # The same files for each task, written over: a new one costs more, and so does one that is cut, which ext4 writes out at once.
  # Only their first lines count.
  { printf '\\n\\n' 1<> "$autolab_temporary.pid" && printf '\\n\\n\\n' 1<> "$autolab_temporary.code"; } 2>/dev/null || :
  if [ -n "$autolab_watcher" ]; then autolab_watch_task; fi
${CHILD}${WAIT}
  autolab_end_of_task
  if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
  return "$autolab_code"
}

# Who ended it, the CPU time of its processes, and how many of them began.
autolab_end_of_task() {
  local -a autolab_words=()
  local autolab_look autolab_by= autolab_user= autolab_system=
  autolab_cpu= autolab_starts=1
  { IFS= read -r _ && IFS= read -r _ && IFS=' ' read -r autolab_user autolab_system; } 2>/dev/null < "$autolab_temporary.code" || :
  if [[ "$autolab_user $autolab_system" =~ ^([0-9]+)m([0-9]+)[.,]([0-9]{3})s\\ ([0-9]+)m([0-9]+)[.,]([0-9]{3})s$ ]]; then
    autolab_look=$((10#\${BASH_REMATCH[3]} + 10#\${BASH_REMATCH[6]} + 1000 * (10#\${BASH_REMATCH[2]} + 10#\${BASH_REMATCH[5]}) + 60000 * (BASH_REMATCH[1] + BASH_REMATCH[4])))
    printf -v autolab_cpu '%d.%03d' "$((autolab_look / 1000))" "$((autolab_look % 1000))"
  fi
  if [ -n "$autolab_watcher" ]; then
    printf '\\n' 1<> "$autolab_own/now"
    { IFS= read -r autolab_by && IFS=' ' read -ra autolab_words; } 2>/dev/null < "$autolab_own/$autolab_index.ended" || :
    # What is left of a task that was ended.
    if [ -n "$autolab_by" ]; then command kill -s KILL \${autolab_words[@]+"\${autolab_words[@]}"} 2>/dev/null || :; fi
  fi
  if [ -n "$autolab_srun" ]; then
    for autolab_look in 1 2 3 4 5; do
      : >| "$autolab_temporary.look"
      autolab_starts="$(autolab_count)"
      if [ "$autolab_starts" = "\${AUTOLAB_TASKS:-1}" ] || [ "$autolab_code" != 0 ]; then break; fi
      PATH="$autolab_path" command sleep 1
    done 2>/dev/null
    # The time of a step is not the shell's.
    autolab_cpu=
  fi
  autolab_note_exit "$autolab_code" "$autolab_by" ''
}

# autolab_note_exit CODE ENDED_BY START_ERROR: the receipt of the task in hand, which is then to be placed. Without a start
# it has no time. A status is called a signal only if that signal was sent to the task.
autolab_note_exit() {
  local autolab_exit=$1 autolab_signal=null autolab_by=null autolab_error=null autolab_started=null autolab_wall=0 autolab_sent= autolab_more=
  autolab_stamp
  case $autolab_end in 129) autolab_sent=SIGHUP ;; 130) autolab_sent=SIGINT ;; 143) autolab_sent=SIGTERM ;; esac
  if [ -n "$2" ]; then autolab_by="\\"$2\\""; fi
  if [ -n "$3" ]; then autolab_error="\\"$3\\""; fi
  if [ -n "$autolab_began" ]; then
    autolab_started="\\"$autolab_began\\"" autolab_wall=$((autolab_ms - autolab_began_ms))
    case "$autolab_exit:$autolab_end:$2" in
      129:129:*) autolab_signal='"SIGHUP"' ;;
      130:130:*) autolab_signal='"SIGINT"' ;;
      143:143:* | 143:*:?*) autolab_signal='"SIGTERM"' ;;
      137:*:?*) autolab_signal='"SIGKILL"' ;;
    esac
    if [ "$autolab_signal" != null ]; then autolab_exit=null; fi
    autolab_more=",\\"starts\\":{\\"expected\\":\${AUTOLAB_TASKS:-1},\\"begun\\":\${autolab_starts:-0}}"
  fi
  if [ -n "$autolab_sent" ]; then autolab_more="$autolab_more,\\"job_signal\\":\\"$autolab_sent\\""; fi
  printf -v autolab_wall '%d.%03d' "$((autolab_wall / 1000))" "$((autolab_wall % 1000))"
  { printf '{"attempt":%s,"exit_code":%s,"signal":%s,"ended_by":%s,"start_error":%s,"started_at":%s,"ended_at":"%s","wall_seconds":%s,"cpu_seconds":%s,"max_rss_bytes":null,"oom":null%s,"signals":[%s]}\\n' \\
    "$autolab_attempt" "$autolab_exit" "$autolab_signal" "$autolab_by" "$autolab_error" "$autolab_started" "$autolab_at" \\
    "$autolab_wall" "\${autolab_cpu:-null}" "$autolab_more" "$autolab_signals" >| "$autolab_own/$autolab_index.exit"; } 2>/dev/null || :
  autolab_claimed= autolab_cpu= autolab_pending="$autolab_index.exit"
  if [ -z "$autolab_worker" ]; then autolab_flush; fi
}
autolab_flush() {
  if [ -n "$autolab_pending" ]; then autolab_put "$autolab_pending"; fi
  autolab_pending=
}
`;
