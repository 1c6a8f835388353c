import { NOT_CLAIMED_STATUS, NOT_WRITTEN_STATUS } from '../schedulers/script-statuses.ts';
import { CODE_CHECK } from './code-check.ts';

/**
 * The prologue of local launch scripts before version 3. A hand-written script may still have it: then nothing is looked
 * at just before the entrypoint. It is frozen.
 */
export const LOCAL_PROLOGUE_2_BEGIN = '# autolab prologue v2 local: begin';
const LOCAL_PROLOGUE_2_END = '# autolab prologue v2 local: end';

// `autolab_run` becomes the entrypoint, which so keeps the process id and gets signals directly. Until then the EXIT
// trap records that the script ended early, and the line: at the top level the ERR trap has it (under `-e`, where an
// error ends the script), inside a function or a sourced file the stack has it. Neither changes how an activation runs.
export const LOCAL_PROLOGUE_2 = `${LOCAL_PROLOGUE_2_BEGIN}
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
autolab_run() {
  autolab_options=$-
  set +x; trap - EXIT ERR
  autolab_tell entrypoint.json "\\"began_at\\":\\"$(PATH="$autolab_path" command date -u +%Y-%m-%dT%H:%M:%S.%3NZ)\\"" ||
    { echo 'autolab: receipt/entrypoint.json could not be written; nothing was started' >&2 || :; exit ${NOT_WRITTEN_STATUS}; }
  [[ $autolab_options != *x* ]] || set -x
  exec -- "$@"
}
trap autolab_left EXIT
trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
${CODE_CHECK}${LOCAL_PROLOGUE_2_END}
`;
