import { INPUTS_CHANGED_STATUS, NOT_CLAIMED_STATUS, NOT_WRITTEN_STATUS } from '../schedulers/script-statuses.ts';
import { ENVIRONMENT_SCRIPT, INPUTS_SCRIPT } from './beside.ts';
import { QUICK_CODE_CHECK } from './code-check.ts';

/**
 * The first part of every local launch script: the fence, and the check that the code is the approved one (X1, X4). A
 * hand-written script contains it word for word; changed text is a new version.
 */
export const LOCAL_PROLOGUE_BEGIN = '# autolab prologue v4 local: begin';
const LOCAL_PROLOGUE_END = '# autolab prologue v4 local: end';

// `autolab_run` becomes the entrypoint, which so keeps the process id and gets signals directly. Until then the EXIT
// trap records that the script ended early, and the line: at the top level the ERR trap has it (under `-e`, where an
// error ends the script), inside a function or a sourced file the stack has it. Neither changes how an activation runs.
export const LOCAL_PROLOGUE = `${LOCAL_PROLOGUE_BEGIN}
: "\${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "\${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The run's supervisor links this claim before it starts the script: without it, another process may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\\n' "autolab: run $AUTOLAB_RUN_ID is not claimed; start this script with: autolab launch" >&2
  exit ${NOT_CLAIMED_STATUS}
fi
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_path="$PATH" autolab_line=null
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
  { [ ! -f "$autolab_receipt/${ENVIRONMENT_SCRIPT}" ] || autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/${ENVIRONMENT_SCRIPT}" < /dev/null; } > /dev/null 2>&1 || :
}
autolab_run() {
  autolab_options=$-
  set +x; trap - ERR
  autolab_before; trap - EXIT
  # Since bash 5 without a program; the locale says what stands before the fraction.
  autolab_at="$({ [[ \${BASH_VERSINFO[0]} -ge 5 && \${EPOCHREALTIME-} =~ ^([0-9]+)[.,]([0-9]{3}) ]] && export TZ=UTC0 && printf '%(%Y-%m-%dT%H:%M:%S)T.%sZ' "\${BASH_REMATCH[@]:1}"; } 2>/dev/null)" ||
    autolab_at="$(PATH="$autolab_path" command date -u +%Y-%m-%dT%H:%M:%S.%3NZ)"
  autolab_tell entrypoint.json "\\"began_at\\":\\"$autolab_at\\"" ||
    { echo 'autolab: receipt/entrypoint.json could not be written; nothing was started' >&2 || :; exit ${NOT_WRITTEN_STATUS}; }
  [[ $autolab_options != *x* ]] || set -x
  exec -- "$@"
}
trap autolab_left EXIT
trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
${QUICK_CODE_CHECK}${LOCAL_PROLOGUE_END}
`;
