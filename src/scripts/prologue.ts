/**
 * What every local launch script does first, whoever wrote it: the fence, and the check that the code is what was
 * approved (X1, X4). A hand-written script contains it word for word; a change of the text is a new version.
 */
export const LOCAL_PROLOGUE_BEGIN = '# autolab prologue v1 local: begin';
const LOCAL_PROLOGUE_END = '# autolab prologue v1 local: end';

/** Exit status of the prologue when the code changed; `receipt/code_changed` tells it from a program's own 97. */
const CODE_CHANGED_STATUS = 97;
/** Exit status when nobody claimed the run. */
const NOT_CLAIMED_STATUS = 98;

// `grep` finds whether there is an entry at all: sha256sum fails on a list without one. Only GNU's sha256sum is asked:
// others know neither --quiet nor --strict. Both texts go to the log, which is the evidence.
export const LOCAL_PROLOGUE = `${LOCAL_PROLOGUE_BEGIN}
: "\${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "\${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The supervisor of the run links this claim before it starts us: without it, somebody else may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\\n' "autolab: nobody has claimed run $AUTOLAB_RUN_ID; start this script with: autolab launch" >&2
  exit ${String(NOT_CLAIMED_STATUS)}
fi
if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  elif ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)"; then
    printf '%s\\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit ${String(CODE_CHANGED_STATUS)}
  fi
  unset autolab_differences
fi
${LOCAL_PROLOGUE_END}
`;
