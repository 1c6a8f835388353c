import { INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import { INPUTS_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT } from '../beside.ts';
import { childOf, commandWords, COUNT, PROBE, WAIT } from '../slurm-pieces.ts';

/**
 * One task of an element: its variables and folder, its start, and the receipt of its end. Values of parameters become
 * variables only, never names or text of the shell.
 *
 * - The status is the shell's: 128 + n is called a signal only if that signal was sent by Slurm or by this script. The CPU
 *   time is that of the processes that the command and its children have waited for; a step's is not known here.
 * - Bash copies a function whenever it calls it, and looks for a name among the locals of each function that it is in. So what
 *   a worker does for each task is short and has no locals, and what it does seldom has functions of its own.
 * - Receipts get their names complete, by `mv`, but for those of a worker whose end nothing disturbed: it writes them at
 *   once, because a program costs as much as a short task. Who reads one without its end looks again.
 */

const TASK_TABLE_FILE = 'tasks.table';
const STDOUT = '"$AUTOLAB_TASK_DIR/stdout.log"';
const STDERR = '"$AUTOLAB_TASK_DIR/stderr.log"';
export const TASK_STREAMS = `>> ${STDOUT} 2>> ${STDERR}`;

/** The shell that counts a step's start would read it once more. */
export const STEP_ENV = 'if [ -n "$autolab_srun" ]; then export BASH_ENV=; fi';
const WORDS = commandWords('autolab_srun=');
const CHILD = childOf({
  process: '"$BASHPID" "$autolab_index"',
  inner: STEP_ENV,
  told: `{ printf '%s\\n' "$autolab_code"; builtin times; }`,
  into: '1<>',
  streams: `<&0 ${TASK_STREAMS}`,
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

# autolab_load: the variables of the task in hand, and its folder.
autolab_load() {
  autolab_at_row=$((autolab_index / 500 * 500))
  if [ "$autolab_rows_from" != "$autolab_at_row" ]; then autolab_read_rows || return 1; fi
  autolab_row="\${autolab_rows[autolab_index - autolab_at_row]-}"
  [ -n "$autolab_row" ] || return 1
  for autolab_name in "\${autolab_names[@]}"; do
    printf -v "autolab_task_$autolab_name" '%b' "\${autolab_row%%"$autolab_mark"*}"
    autolab_row="\${autolab_row#*"$autolab_mark"}"
  done
  printf -v AUTOLAB_TASK_PARAMS '%b' "$autolab_row"
  AUTOLAB_TASK_INDEX=$autolab_index AUTOLAB_TASK_DIR="$AUTOLAB_RUN_DIR/tasks/$autolab_index"
  export AUTOLAB_TASK_INDEX AUTOLAB_TASK_DIR AUTOLAB_TASK_PARAMS
  [ -d "$AUTOLAB_TASK_DIR" ] || autolab_make_folders
}
# Some hundred at a time.
autolab_read_rows() {
  autolab_rows=()
  mapfile -t -s "$autolab_at_row" -n 500 autolab_rows < "$autolab_receipt/${TASK_TABLE_FILE}" || return 1
  autolab_rows_from=$autolab_at_row
}
# A worker makes those of its next tasks, too: a program costs more than a folder. Some may be there.
autolab_make_folders() {
  local PATH="$autolab_path" autolab_ahead
  autolab_used=
  local -a autolab_folders=("$AUTOLAB_TASK_DIR")
  if [ -n "$autolab_worker" ]; then
    for ((autolab_ahead = autolab_index + autolab_stride; autolab_ahead < AUTOLAB_TASK_COUNT && \${#autolab_folders[@]} < 32; autolab_ahead += autolab_stride)); do
      autolab_folders+=("$AUTOLAB_RUN_DIR/tasks/$autolab_ahead")
    done
  fi
  [ -d "$AUTOLAB_RUN_DIR/tasks" ] || command mkdir -p -- "$AUTOLAB_RUN_DIR/tasks" 2>/dev/null || :
  command mkdir -- "\${autolab_folders[@]}" 2>/dev/null || [ -d "$AUTOLAB_TASK_DIR" ]
}

# autolab_run COMMAND [ARGUMENT]..., or autolab_run srun [OPTION]... -- COMMAND [ARGUMENT]...
autolab_run() {
  set +x
  if [[ -z $autolab_claimed || -n $autolab_began ]]; then autolab_refuse || return; fi
  autolab_start="$autolab_receipts/start.$autolab_index.$autolab_attempt" autolab_srun= autolab_outside= autolab_code=${NOT_CLAIMED_STATUS}
  case "\${1-} $autolab_grace_asked" in
    *'srun '* | *' ' | *' yes') autolab_make_words "$@" ;;
    *) autolab_command=("$@") ;;
  esac
  if [ -z "$autolab_plain" ] && autolab_forbidden "$autolab_index"; then autolab_note_exit null request ''
  elif [ -n "$autolab_worker" ]; then autolab_run_in_turn && autolab_end_of_task
  else autolab_run_beside && autolab_end_of_task; fi
  if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
  autolab_outside=1
  return "$autolab_code"
}
autolab_refuse() {
  printf 'autolab: autolab_run starts one command of a task, and is called by autolab_tasks\\n' >&2
  return ${NOT_CLAIMED_STATUS}
}
# autolab_command, of which a step may be made.
autolab_make_words() {
  local -a autolab_words
${WORDS}
  autolab_command=("$@")
}

# The command of the one task of an element. This shell handles signals meanwhile.
autolab_run_beside() {
  local autolab_status_said
  if ! { : ${TASK_STREAMS}; } 2>/dev/null; then
    autolab_note_no_logs
    return 1
  fi
  if [ "$autolab_attempt" != 0 ]; then autolab_log_attempt; fi
  autolab_note_start 2>/dev/null || autolab_note_unwritten "$autolab_index.started"
${PROBE}
  { printf '\\n\\n' 1<> "$autolab_temporary.pid" && printf '\\n\\n\\n' 1<> "$autolab_temporary.code"; } 2>/dev/null || :
  autolab_watch_task
  set -- "\${autolab_command[@]}"
${CHILD}${WAIT}  { read -r _ && read -r _ && autolab_read_times && autolab_note_cpu "$autolab_used"; } 2>/dev/null < "$autolab_temporary.code" || :
  { printf '\\n' 1<> "$autolab_own/now"; } 2>/dev/null || :
}

autolab_note_no_logs() { autolab_note_exit null '' 'its log files cannot be written'; }
autolab_note_unwritten() { printf 'autolab: receipts/%s could not be written\\n' "$1" >&2; }
# The log of an earlier attempt stays.
autolab_log_attempt() {
  autolab_used=
  printf '\\nautolab: attempt %s of this task begins here\\n' "$((autolab_attempt + 1))" | PATH="$autolab_path" command tee -a -- ${STDOUT} >> ${STDERR} || :
}
autolab_note_start() {
  autolab_stamp
  autolab_began=$autolab_at autolab_began_ms=$autolab_ms autolab_signals= autolab_entry=1 autolab_count_begun=$((autolab_count_begun + 1))
  printf '{"attempt":%s,%s,"started_at":"%s"}\\n' "$autolab_attempt" "$autolab_job" "$autolab_at" >| "$autolab_receipts/$autolab_index.started"
}

# The next line of \`times\`, as milliseconds in autolab_used.
autolab_read_times() {
  IFS='ms., ' read -r -a autolab_words && [[ \${#autolab_words[@]} = 6 && \${autolab_words[*]} != *[!0-9\\ ]* ]] || return 1
  autolab_used=$((10#\${autolab_words[2]} + 10#\${autolab_words[5]} + 1000 * (10#\${autolab_words[1]} + 10#\${autolab_words[4]}) + 60000 * (10#\${autolab_words[0]} + 10#\${autolab_words[3]})))
}
# The time of a step is not the shell's.
autolab_note_cpu() { if [ -z "$autolab_srun" ]; then printf -v autolab_cpu '%d.%03d' "$(($1 / 1000))" "$(($1 % 1000))"; fi; }

# Who ended it, and how many of its processes began.
autolab_end_of_task() {
  autolab_starts=1 autolab_ended_by=
  if [ -e "$autolab_own/$autolab_index.ended" ]; then autolab_read_ended; fi
  if [ -n "$autolab_srun" ]; then autolab_count_starts; fi
  autolab_note_exit "$autolab_code" "$autolab_ended_by" ''
}
autolab_read_ended() {
  local -a autolab_words=()
  { IFS= read -r autolab_ended_by && IFS=' ' read -ra autolab_words; } 2>/dev/null < "$autolab_own/$autolab_index.ended" || :
  # What is left of a task that was ended.
  if [ -n "$autolab_ended_by" ]; then command kill -s KILL \${autolab_words[@]+"\${autolab_words[@]}"} 2>/dev/null || :; fi
}
autolab_count_starts() {
  local autolab_look
  for autolab_look in 1 2 3 4 5; do
    : >| "$autolab_temporary.look"
    autolab_starts="$(autolab_count)"
    if [ "$autolab_starts" = "\${AUTOLAB_TASKS:-1}" ] || [ "$autolab_code" != 0 ]; then break; fi
    PATH="$autolab_path" command sleep 1
  done 2>/dev/null
}

# autolab_note_exit CODE ENDED_BY START_ERROR: the receipt of the task in hand. Without a start it has no time.
autolab_note_exit() {
  autolab_stamp
  autolab_exit=$1 autolab_signal=null autolab_by=null autolab_error=null autolab_started=null autolab_wall=0 autolab_more=
  if [ -n "$autolab_began" ]; then
    autolab_started="\\"$autolab_began\\"" autolab_wall=$((autolab_ms - autolab_began_ms))
    autolab_more=",\\"starts\\":{\\"expected\\":\${AUTOLAB_TASKS:-1},\\"begun\\":\${autolab_starts:-0}}"
  fi
  if [ -n "$autolab_end$2$3" ]; then autolab_note_why "$2" "$3"; fi
  printf -v autolab_text '{"attempt":%s,"exit_code":%s,"signal":%s,"ended_by":%s,"start_error":%s,"started_at":%s,"ended_at":"%s","wall_seconds":%d.%03d,"cpu_seconds":%s,"max_rss_bytes":null,"oom":null%s,"signals":[%s]}' \\
    "$autolab_attempt" "$autolab_exit" "$autolab_signal" "$autolab_by" "$autolab_error" "$autolab_started" "$autolab_at" \\
    "$((autolab_wall / 1000))" "$((autolab_wall % 1000))" "\${autolab_cpu:-null}" "$autolab_more" "$autolab_signals"
  if [[ -z $autolab_worker || $autolab_attempt != 0 || -n $autolab_end || -e $autolab_receipts/$autolab_index.exit ]]; then autolab_put_exit
  elif ! { printf '%s\\n' "$autolab_text" >| "$autolab_receipts/$autolab_index.exit"; } 2>/dev/null; then autolab_note_unwritten "$autolab_index.exit"; fi
  autolab_claimed= autolab_cpu=
}
# What disturbed it. A status is called a signal only if that signal was sent to the task.
autolab_note_why() {
  local autolab_sent=
  case $autolab_end in 129) autolab_sent=SIGHUP ;; 130) autolab_sent=SIGINT ;; 143) autolab_sent=SIGTERM ;; esac
  if [ -n "$1" ]; then autolab_by="\\"$1\\""; fi
  if [ -n "$2" ]; then autolab_error="\\"$2\\""; fi
  if [ -n "$autolab_began" ]; then
    case "$autolab_exit:$autolab_end:$1" in
      129:129:*) autolab_signal='"SIGHUP"' ;;
      130:130:*) autolab_signal='"SIGINT"' ;;
      143:143:* | 143:*:?*) autolab_signal='"SIGTERM"' ;;
      137:*:?*) autolab_signal='"SIGKILL"' ;;
    esac
    if [ "$autolab_signal" != null ]; then autolab_exit=null; fi
  fi
  if [ -n "$autolab_sent" ]; then autolab_more="$autolab_more,\\"job_signal\\":\\"$autolab_sent\\""; fi
}
autolab_put_exit() {
  autolab_used=
  { printf '%s\\n' "$autolab_text" >| "$autolab_own/$autolab_index.exit"; } 2>/dev/null || :
  autolab_put "$autolab_index.exit"
}
`;
