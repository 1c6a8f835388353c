import { CODE_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../schedulers/script-statuses.ts';
import { LIST_CODE_FILE } from './code-listing.ts';

/**
 * Shell text that the scripts of all Slurm jobs share: of one task, and of many. Every name in it begins with autolab_,
 * because the activation runs in the same shell. slurm-wrapper.ts says why it is as it is.
 */

/** In `receipt/code_changed`, beside sha256sum's output. */
export const ADDED_OR_REMOVED = 'files were added or removed';

/** Compares the names of the files with those that were code at launch. */
export const LISTING_CHECK = `if [ -f "$autolab_receipt/code.listing" ]; then
  autolab_status=0
  autolab_differences="$(bash -- "$autolab_receipt/${LIST_CODE_FILE}" "$AUTOLAB_REPO_ROOT" "$autolab_receipt/code.listing" 2>/dev/null)" || autolab_status=$?
  case $autolab_status in
    0) ;;
    1)
      printf '%s\\n' 'autolab: the code is not what was approved; nothing was started: ${ADDED_OR_REMOVED}' "$autolab_differences" >&2
      printf '%s\\n' '${ADDED_OR_REMOVED}' "$autolab_differences" > "$autolab_receipt/code_changed"
      exit ${CODE_CHANGED_STATUS} ;;
    *) echo 'autolab: git does not list the files here: additions unchecked' >&2 ;;
  esac
  unset autolab_status autolab_differences
fi
`;

/** Starts a program in a step once for each of its processes: the files that it makes are counted. */
export const START_SHIM = `autolab_shim='( set -C; printf "%s\\n" "\${SLURM_STEP_ID-}" > "$1.\${SLURM_PROCID:-0}" ) 2>/dev/null || {
  printf "autolab: task %s is not started: %s was made before, or cannot be made\\n" "\${SLURM_PROCID:-0}" "$1.\${SLURM_PROCID:-0}" >&2
  exit ${NOT_CLAIMED_STATUS}
}
if [ -n "$2" ]; then BASH_ENV="$2"; else unset BASH_ENV; fi
shift 2
if [ -n "\${autolab_xtrace-}" ]; then set -x; fi
exec -- "$@"'
`;

/** How a shell passes on what it alone got to the process in `.pid`, or to the step. */
export const TO_COMMAND = `  if [ -n "$autolab_srun" ] && [ -n "$autolab_end" ]; then
    IFS= read -r autolab_target 2>/dev/null < "$autolab_start.0" || :
    if [ -n "$autolab_target" ]; then command timeout 20 scancel --signal="$1" "$autolab_id.$autolab_target" || :; fi
  else
    IFS= read -r autolab_target 2>/dev/null < "$autolab_temporary.pid" || :
    if [ -n "$autolab_target" ]; then command kill -s "$1" "$autolab_target" 2>/dev/null || :; fi
  fi
`;

/**
 * Traps, and what a signal does. `first`: after it was noted; `spread`: if all processes got it; `alone`: if this shell alone
 * got it.
 */
export function signalsWith({ first, spread, alone }: Record<'first' | 'spread' | 'alone', string>): string {
  return `autolab_traps() {
  local autolab_name
  trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
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
  case $1 in HUP | INT | TERM) autolab_end=$2 ;; esac
${first}  if [ -z "$autolab_entry" ]; then exit "$2"; fi
  if [ -z "$autolab_child" ]; then
    if [ -n "$autolab_end" ]; then exit "$autolab_end"; fi
    return 0
  fi
  local PATH="$autolab_path" autolab_target=
  command sleep 0.2 || :
  command kill -0 "$autolab_probe" 2>/dev/null || ${spread}
${alone}}

`;
}

export const SIGNALS = signalsWith({ first: '', spread: 'return 0', alone: TO_COMMAND });

/** How a trap for EXIT begins: with the status and the line that ended the script. */
export const AT_EXIT = `  autolab_status=$?
  set +eux
  trap '' HUP INT USR1 USR2 TERM
  PATH="$autolab_path"
  if [ "\${#FUNCNAME[@]}" -gt 2 ]; then autolab_line="\${BASH_LINENO[\${#FUNCNAME[@]} - 2]}"; fi
`;

/** Whether the partition gives a grace. */
export const GRACE = `# Whether this is a single task in a partition with a grace.
autolab_has_grace() {
  local PATH="$autolab_path" autolab_said
  [ -n "$autolab_partition" ] && [ "\${SLURM_NTASKS:-1}" = 1 ] && [ "\${SLURM_JOB_NUM_NODES:-1}" = 1 ] || return 1
  autolab_said="$(command timeout 10 scontrol show partition "$autolab_partition" 2>/dev/null)" || return 1
  [[ $autolab_said =~ GraceTime=([0-9:-]+) && \${BASH_REMATCH[1]} =~ [1-9] ]]
}

`;

/** Makes the words of a command: with srun, the step is in this job, and its start is counted. */
export function commandWords(plain: string): string {
  return `  case "\${1-}" in srun | */srun) ;;
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
      while [ "$#" -gt 0 ] && [ "$1" != -- ]; do autolab_words+=("$1"); shift; done
      if [ "$#" -lt 2 ]; then printf 'autolab: write -- between the options of srun and the entrypoint\\n' >&2; exit 2; fi
      shift
      set -- "\${autolab_words[@]}" -- "$BASH" -c "$autolab_shim" autolab "$autolab_start" "\${BASH_ENV-}" "$@"
      ;;
    *) ${plain} ;;
  esac
`;
}

/** A process that shows who got a signal. */
export const PROBE = `  ( trap - INT QUIT; PATH="$autolab_path"; exec -- sleep infinity ) < /dev/null > /dev/null 2>&1 &
  autolab_probe=$!
  disown "$autolab_probe"
`;

/**
 * `process`: what the child writes of itself; `inner`: what it does just before the command; `told`: what it writes of the
 * end; `streams`: its own; `into`: how it opens the files of both.
 */
export function childOf({
  process,
  inner,
  told,
  streams,
  into = '>|',
}: Record<'process' | 'inner' | 'told' | 'streams', string> & { readonly into?: string }): string {
  return `  (
    trap : HUP INT QUIT USR1 USR2 TERM
    autolab_code=0
    (
      trap - HUP INT QUIT USR1 USR2 TERM
      { printf '%s\\n' ${process} ${into} "$autolab_temporary.pid"; } 2>/dev/null || :
      ${inner}
      if [ -n "$autolab_xtrace" ]; then set -x; fi
      exec -- "$@"
    ) || autolab_code=$?
    { ${told} ${into} "$autolab_temporary.code"; } 2>/dev/null || :
    exit "$autolab_code"
  ) ${streams} &
`;
}

/**
 * Waits for the child, whatever signals come; `autolab_code` is the status of its command. A child that is gone is not waited
 * for again: if bash lost its end to a trap, it would wait for the other children, which end only with this shell. Slurm signals
 * one process after the other: a child may be gone before this shell has its own signal, which is waited for. If that is
 * SIGKILL, it leaves no receipt, which would blame the command.
 */
export const WAIT = `  autolab_child=$!
  while autolab_code=0; do
    wait "$autolab_child" || autolab_code=$?
    command kill -0 "$autolab_child" 2>/dev/null || break
  done
  autolab_status_said=
  IFS= read -r autolab_status_said 2>/dev/null < "$autolab_temporary.code" || :
  if [[ $autolab_status_said =~ ^[0-9]+$ ]]; then autolab_code=$autolab_status_said; fi
  case "$autolab_code:$autolab_signals" in 129: | 130: | 137: | 138: | 140: | 143:) PATH="$autolab_path" command sleep 1 || : ;; esac
  autolab_child=
`;

/** How many files there are of starts. */
export const COUNT = `autolab_count() {
  ( shopt -s nullglob; shopt -u failglob; set +f; set -- "$autolab_start".*; printf '%s' "$#" )
}

`;
