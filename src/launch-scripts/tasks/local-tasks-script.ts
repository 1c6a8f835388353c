import {
  INPUTS_CHANGED_STATUS,
  NOT_CLAIMED_STATUS,
  NOT_LAUNCHED_STATUS,
  NOT_WRITTEN_STATUS,
} from '../../schedulers/script-statuses.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT } from '../beside.ts';
import { CODE_CHECK } from '../code-check.ts';

/**
 * `receipt/tasks.sh` of a local run: the fence, the check of the code, and a worker, which the run's supervisor tells over
 * file descriptor 3 what to start. Bash 4.2. Pure.
 *
 * - The supervisor makes claims, folders and receipts: a task costs one process, its command. The worker forks; the child
 *   takes the values of the task and becomes the command, so nothing that it changes reaches the next task.
 * - With `set -m` each child leads a process group, and does not ignore SIGINT. `wait` then prints a message for every
 *   child that a signal ended, and none for one that exited: what tells status 137 of `kill -9` from `exit 137`.
 * - `times` is getrusage of the children that were waited for: one task at a time, so the difference is the task's.
 * - The logs are opened through the working folder of the supervisor, which follows a project that is moved.
 * - The activation can redefine what it likes: the channel is moved out of its way first, builtins are called by `builtin`,
 *   all names begin with autolab_, and with TMOUT `read` returns although nothing was said.
 * - The first worker that is ready looks at data and environment, once for the run.
 */
export function localTasksScript(names: readonly string[]): string {
  return `# autolab tasks v1 local
autolab_names=(${names.join(' ')})
${WORKER}`;
}

const WORKER = `[ -e /proc/self/fd/3 ] || { echo 'autolab: this script is started by the supervisor of a run: autolab launch' >&2; exit ${NOT_LAUNCHED_STATUS}; }
exec {autolab_channel}<&3 3>&-
cd -- "$AUTOLAB_REPO_ROOT"
# The run's supervisor links this claim before it starts a worker: without it, another process may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\\n' "autolab: run $AUTOLAB_RUN_ID is not claimed; start this script with: autolab launch" >&2
  exit ${NOT_CLAIMED_STATUS}
fi
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_path="$PATH" autolab_line=null autolab_separator=$'\\x1f'
autolab_folder="$AUTOLAB_RUN_DIR/tasks" autolab_seen="/proc/$PPID/cwd/../tasks"
autolab_tell() {
  local PATH="$autolab_path"
  { printf '{%s}\\n' "$2" >| "$autolab_receipt/$1.$$" && command mv -f -- "$autolab_receipt/$1.$$" "$autolab_receipt/$1"; } 2>/dev/null
}
autolab_left() {
  autolab_status=$?
  set +eux
  if [ "\${#FUNCNAME[@]}" -gt 2 ]; then autolab_line="\${BASH_LINENO[\${#FUNCNAME[@]} - 2]}"; fi
  autolab_tell left.json "\\"exit_code\\":$autolab_status,\\"line\\":$autolab_line"
}
autolab_before() {
  [ ! -f "$autolab_receipt/${INPUTS_SCRIPT}" ] || autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${INPUTS_SCRIPT}" < /dev/null || exit ${INPUTS_CHANGED_STATUS}
  [ ! -f "$autolab_receipt/${ENVIRONMENT_SCRIPT}" ] || autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${ENVIRONMENT_SCRIPT}" < /dev/null > /dev/null 2>&1 || :
}
autolab_begin() {
  autolab_before
  autolab_tell entrypoint.json "\\"began_at\\":\\"$(PATH="$autolab_path" command date -u +%Y-%m-%dT%H:%M:%S.%3NZ)\\"" ||
    { echo 'autolab: receipt/entrypoint.json could not be written; nothing was started' >&2 || :; exit ${NOT_WRITTEN_STATUS}; }
}
# Becomes the command, with the options that the script had.
autolab_run() {
  builtin set +x
  [[ $autolab_options != *x* ]] || builtin set -x
  exec -- "$@"
}
autolab_say() { builtin printf '%s\\n' "$1" >&"$autolab_channel"; }
autolab_child() {
  local autolab_index="\${autolab_order%%"$autolab_separator"*}" autolab_rest="\${autolab_order#*"$autolab_separator"}" autolab_name
  if ! exec < /dev/null >> "$autolab_seen/$autolab_index/stdout.log" 2>> "$autolab_seen/$autolab_index/stderr.log"; then
    autolab_say refused
    builtin exit ${NOT_WRITTEN_STATUS}
  fi
  exec {autolab_channel}>&-
  for autolab_name in \${autolab_names[@]+"\${autolab_names[@]}"}; do
    builtin printf -v "autolab_task_$autolab_name" '%b' "\${autolab_rest%%"$autolab_separator"*}"
    autolab_rest="\${autolab_rest#*"$autolab_separator"}"
  done
  builtin printf -v AUTOLAB_TASK_PARAMS '%b' "$autolab_rest"
  AUTOLAB_TASK_INDEX="$autolab_index" AUTOLAB_TASK_DIR="$autolab_folder/$autolab_index"
  builtin export AUTOLAB_TASK_INDEX AUTOLAB_TASK_DIR AUTOLAB_TASK_PARAMS
  builtin set +m
  [[ $autolab_options != *u* ]] || builtin set -u
  [[ $autolab_options != *e* ]] || builtin set -e
  autolab_task
}
# Reads the next order; fails once the supervisor has closed the channel.
autolab_next() {
  local autolab_read
  while :; do
    autolab_read=0
    builtin read -r -u "$autolab_channel" autolab_order || autolab_read=$?
    [ "$autolab_read" != 0 ] || return 0
    [ "$autolab_read" -gt 128 ] && [ -z "$autolab_order" ] || return 1
  done
}
autolab_tasks() {
  autolab_options=$-
  builtin set +eux
  builtin trap - ERR DEBUG RETURN CHLD
  builtin set -m
  local autolab_pid autolab_code autolab_order
  builtin times >&"$autolab_channel"
  autolab_say ready
  while autolab_next; do
    if [ "$autolab_order" = begin ]; then
      autolab_begin
      builtin times >&"$autolab_channel"
      autolab_say began
      continue
    fi
    builtin trap - EXIT
    autolab_child &
    autolab_pid=$! autolab_code=0
    autolab_say "pid $autolab_pid"
    while :; do
      builtin wait "$autolab_pid" 2>&"$autolab_channel"
      autolab_code=$?
      builtin kill -0 "$autolab_pid" 2>/dev/null || break
    done
    builtin times >&"$autolab_channel"
    autolab_say "end $autolab_code"
  done
  builtin trap - EXIT
  exit 0
}
trap autolab_left EXIT
trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
${CODE_CHECK}`;
