import { CODE_CHECK } from './code-check.ts';

/**
 * What every local launch script does first, whoever wrote it: the fence, and the check that the code is what was
 * approved (X1, X4). A hand-written script contains it word for word; a change of the text is a new version.
 */
export const LOCAL_PROLOGUE_BEGIN = '# autolab prologue v2 local: begin';
const LOCAL_PROLOGUE_END = '# autolab prologue v2 local: end';

/** Exit status when nobody claimed the run. */
const NOT_CLAIMED_STATUS = 98;
/** Exit status where the start of the entrypoint cannot be written down: then it is not started. */
const NOT_WRITTEN_STATUS = 95;

// `autolab_run` becomes the entrypoint, so that its process id and the signals to it are its own. Until then the EXIT trap
// writes down that the script ended before: with the line, which at the top level the ERR trap has (under `-e`, where it
// means the end), and inside a function or a sourced file the stack. Neither changes what an activation does.
export const LOCAL_PROLOGUE = `${LOCAL_PROLOGUE_BEGIN}
: "\${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "\${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The supervisor of the run links this claim before it starts us: without it, somebody else may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\\n' "autolab: nobody has claimed run $AUTOLAB_RUN_ID; start this script with: autolab launch" >&2
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
${CODE_CHECK}${LOCAL_PROLOGUE_END}
`;
