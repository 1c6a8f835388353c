/**
 * `autolab_run` of a Slurm script: starts the entrypoint once, writes down that it began and how it ended, and passes on what
 * only the batch shell was sent. The launcher writes this text beside the script, and the prologue reads it. Bash 4.2.
 *
 * - The entrypoint is a child in the background, so that bash can take a signal while it runs. Such a child has its stdin from
 *   /dev/null and SIGINT ignored unless told otherwise (bash 4.2 cannot be told to take SIGINT). `wait` returns when a trap ran,
 *   and is called again. A bash that is in `wait` loses the status of a child that ends at the moment of a signal, and says
 *   -1: so a shell in between waits for the entrypoint and writes its status down. It takes signals and does nothing: what it
 *   ignored, bash 4.2 could not give back to the entrypoint.
 * - A signal of slurmd reaches every process of the batch step, or the batch shell alone (`--signal=B:`, `scancel --batch`).
 *   A probe that does nothing tells which: one that is gone was signalled, too, and then nothing is passed on, since
 *   programs take a second signal for an order to leave at once. TERM is not sent to srun, which would kill its tasks: the
 *   step is signalled. After the end of the entrypoint only what orders the shell to leave does so.
 * - Each start makes a file that nobody else can make, by restart and task. The folder is written to before they are counted:
 *   otherwise NFS may answer from its cache, and the files of other nodes are missing.
 * - A child that a signal ended leaves `$?` at 0 in the EXIT trap after scancel and TIMEOUT: hence a trap for each signal. The
 *   EXIT trap is the last chance to leave a receipt: it ignores further signals, and brings its own PATH.
 * - The line of the activation that failed: at the top level the ERR trap has it (under `-e`, where it means the end); inside a
 *   function or a sourced file the EXIT trap finds the call of it on the stack. Neither changes what an activation does.
 * - At the beginning of a preemption's grace Slurm signals the steps of the job, and the batch script when it is over. So
 *   in a partition with a grace a single task is started as a step.
 * - An activation may clear Slurm's variables, with which srun would ask for a job of its own: the job's id is kept and said. It
 *   may also set an EXIT trap, which would take the place of ours: its text is run after the receipt.
 * - An activation may trace itself into stdout, make functions called `date` or `mv`, and make variables that cannot be
 *   set: so nothing is traced while ours runs, programs are called by `command`, and every name of ours begins with autolab_.
 * - BASH_ENV would be read once more by the shell that counts a task's start; the entrypoint gets it as it was.
 */
export const WRAPPER_FILE = 'wrapper.sh';
/** Beside it, if the design collects something from outside of the run's folder: what the job runs at its end. */
export const COLLECT_FILE = 'collect.sh';

/** Exit status where the entrypoint may not be started: it was before. */
const STARTED_BEFORE_STATUS = 98;
/** What the design collects is copied for so long at most. */
const COLLECT_SECONDS = 3600;

export const SLURM_WRAPPER = `# autolab wrapper v2
autolab_line=null autolab_entry= autolab_child= autolab_end= autolab_signals= autolab_srun= autolab_other=
autolab_id="$SLURM_JOB_ID" autolab_partition="\${SLURM_JOB_PARTITION-}"
autolab_start="$autolab_receipt/start.$autolab_restart"
autolab_shim='( set -C; printf "%s\\n" "\${SLURM_STEP_ID-}" > "$1.\${SLURM_PROCID:-0}" ) 2>/dev/null || {
  printf "autolab: task %s is not started: %s was made before, or cannot be made\\n" "\${SLURM_PROCID:-0}" "$1.\${SLURM_PROCID:-0}" >&2
  exit ${STARTED_BEFORE_STATUS}
}
if [ -n "$2" ]; then BASH_ENV="$2"; else unset BASH_ENV; fi
shift 2
if [ -n "\${autolab_xtrace-}" ]; then set -x; fi
exec -- "$@"'

autolab_traps() {
  local autolab_name
  trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
  trap 'autolab_signal CONT 0' CONT
  for autolab_name in 'HUP 129' 'INT 130' 'USR1 138' 'USR2 140' 'TERM 143'; do
    trap "autolab_signal $autolab_name" "\${autolab_name% *}"
  done
}

autolab_signal() {
  local autolab_options=$-
  set +x
  autolab_take_signal "$@"
  if [[ $autolab_options = *x* ]]; then set -x; fi
}

autolab_take_signal() {
  autolab_signals="$autolab_signals\${autolab_signals:+,}{\\"signal\\":\\"SIG$1\\",\\"at\\":\\"$(autolab_now)\\"}"
  autolab_trapped=1
  if [ "$1" = CONT ]; then return 0; fi
  case $1 in HUP | INT | TERM) autolab_end=$2 ;; esac
  if [ -z "$autolab_entry" ]; then exit "$2"; fi
  if [ -z "$autolab_child" ]; then
    if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
    return 0
  fi
  local PATH="$autolab_path" autolab_target=
  command sleep 0.2 || :
  command kill -0 "$autolab_probe" 2>/dev/null || return 0
  if [ -n "$autolab_srun" ] && [ -n "$autolab_end" ]; then
    IFS= read -r autolab_target 2>/dev/null < "$autolab_start.0" || :
    if [ -n "$autolab_target" ]; then command timeout 20 scancel --signal="$1" "$autolab_id.$autolab_target" || :; fi
  else
    IFS= read -r autolab_target 2>/dev/null < "$autolab_temporary.pid" || :
    if [ -n "$autolab_target" ]; then command kill -s "$1" "$autolab_target" 2>/dev/null || :; fi
  fi
}

# A single task in a partition that gives a grace.
autolab_has_grace() {
  local PATH="$autolab_path" autolab_said
  [ -n "$autolab_partition" ] && [ "\${SLURM_NTASKS:-1}" = 1 ] && [ "\${SLURM_JOB_NUM_NODES:-1}" = 1 ] || return 1
  autolab_said="$(command timeout 10 scontrol show partition "$autolab_partition" 2>/dev/null)" || return 1
  [[ $autolab_said =~ GraceTime=([0-9:-]+) && \${BASH_REMATCH[1]} =~ [1-9] ]]
}

# autolab_run COMMAND [ARGUMENT]..., or autolab_run srun [OPTION]... -- COMMAND [ARGUMENT]...
autolab_run() {
  local -a autolab_words
  local autolab_status_said autolab_options=$-
  set +x
  autolab_xtrace=
  if [[ $autolab_options = *x* ]]; then autolab_xtrace=1; fi
  if [ -n "$autolab_entry" ]; then
    printf 'autolab: autolab_run starts one command, and it was called before\\n' >&2
    exit ${STARTED_BEFORE_STATUS}
  fi
  case "\${1-}" in srun | */srun) ;;
    *)
      if autolab_has_grace; then
        autolab_words=(srun --export=ALL --kill-on-bad-exit=1 --ntasks=1)
        if [ -n "\${SLURM_CPUS_PER_TASK-}" ]; then autolab_words+=("--cpus-per-task=$SLURM_CPUS_PER_TASK"); fi
        set -- "\${autolab_words[@]}" -- "$@"
        autolab_words=()
      fi
      ;;
  esac
  case "\${1-}" in
    srun | */srun)
      autolab_srun=1
      autolab_words=("$1" "--jobid=$autolab_id")
      shift
      while [ $# -gt 0 ] && [ "$1" != -- ]; do autolab_words+=("$1"); shift; done
      if [ $# -lt 2 ]; then printf 'autolab: write -- between the options of srun and the entrypoint\\n' >&2; exit 2; fi
      shift
      set -- "\${autolab_words[@]}" -- "$BASH" -c "$autolab_shim" autolab "$autolab_start" "\${BASH_ENV-}" "$@"
      ;;
    *) set -- "$autolab_start" "\${BASH_ENV-}" "$@" ;;
  esac
  trap - ERR
  autolab_other="$(trap -p EXIT)"
  if [ "$autolab_other" = "trap -- 'autolab_finish' EXIT" ]; then autolab_other=; fi
  trap autolab_finish EXIT
  autolab_entry="$autolab_job,\\"node\\":\\"$autolab_node\\",\\"began_at\\":\\"$(autolab_now)\\""
  autolab_tell entrypoint.json "$autolab_entry"
  ( trap - INT QUIT; PATH="$autolab_path"; exec -- sleep infinity ) < /dev/null > /dev/null 2>&1 &
  autolab_probe=$!
  disown "$autolab_probe"
  (
    trap : HUP INT QUIT USR1 USR2 TERM
    autolab_code=0
    (
      trap - HUP INT QUIT USR1 USR2 TERM
      { printf '%s\\n' "$BASHPID" >| "$autolab_temporary.pid"; } 2>/dev/null || :
      if [ -n "$autolab_srun" ]; then export BASH_ENV=; else eval "$autolab_shim"; fi
      if [ -n "$autolab_xtrace" ]; then set -x; fi
      exec -- "$@"
    ) || autolab_code=$?
    { printf '%s\\n' "$autolab_code" >| "$autolab_temporary.code"; } 2>/dev/null || :
    exit "$autolab_code"
  ) <&0 &
  autolab_child=$!
  while autolab_trapped= autolab_code=0; do
    wait "$autolab_child" || autolab_code=$?
    if [ -z "$autolab_trapped" ]; then break; fi
  done
  autolab_child= autolab_status_said=
  IFS= read -r autolab_status_said 2>/dev/null < "$autolab_temporary.code" || :
  if [[ $autolab_status_said =~ ^[0-9]+$ ]]; then autolab_code=$autolab_status_said; fi
  PATH="$autolab_path" command rm -f -- "$autolab_temporary.code" "$autolab_temporary.pid" || :
  autolab_entry="$autolab_entry,\\"exit_code\\":$autolab_code,\\"ended_at\\":\\"$(autolab_now)\\""
  command kill "$autolab_probe" 2>/dev/null || :
  if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
  if [ -n "$autolab_xtrace" ]; then set -x; fi
  return "$autolab_code"
}

autolab_count() {
  ( shopt -s nullglob; shopt -u failglob; set +f; set -- "$autolab_start".*; printf '%s' "$#" )
}

autolab_end_of_entrypoint() {
  local autolab_expected="\${AUTOLAB_TASKS:-1}" autolab_counted autolab_look
  for autolab_look in 1 2 3 4 5; do
    : >| "$autolab_temporary"
    autolab_counted="$(autolab_count)"
    if [ "$autolab_counted" = "$autolab_expected" ] || [ "$autolab_status" != 0 ]; then break; fi
    command sleep 1
  done 2>/dev/null
  autolab_tell entrypoint.json "$autolab_entry,\\"starts\\":{\\"expected\\":$autolab_expected,\\"begun\\":$autolab_counted},\\"signals\\":[$autolab_signals]" 2>/dev/null
}

# A node's own disk may be gone when the job is. In a job that was told to end the receipt comes first: time is short.
autolab_collect() {
  local autolab_kept="collected.$SLURM_JOB_ID.$autolab_restart"
  if [ ! -f "$autolab_receipt/${COLLECT_FILE}" ]; then return 0; fi
  if [ -n "$autolab_end" ]; then autolab_exit; fi
  command timeout ${COLLECT_SECONDS} sh "$autolab_receipt/${COLLECT_FILE}" < /dev/null > "$autolab_receipt/$autolab_kept.part" 2>&1
  command mv -f -- "$autolab_receipt/$autolab_kept.part" "$autolab_receipt/$autolab_kept"
}

autolab_exit() {
  autolab_tell exit.json "$autolab_job,\\"exit_code\\":$autolab_status,$autolab_begun,\\"ended_at\\":\\"$(autolab_now)\\""
}

autolab_finish() {
  autolab_status=$?
  set +eux
  trap '' HUP INT USR1 USR2 TERM
  PATH="$autolab_path"
  if [ "\${#FUNCNAME[@]}" -gt 2 ]; then autolab_line="\${BASH_LINENO[\${#FUNCNAME[@]} - 2]}"; fi
  if [ -n "$autolab_entry" ]; then
    autolab_end_of_entrypoint
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
