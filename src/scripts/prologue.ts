import { CODE_CHECK } from './code-check.ts';

/**
 * What every local launch script does first, whoever wrote it: the fence, and the check that the code is what was
 * approved (X1, X4). A hand-written script contains it word for word; a change of the text is a new version.
 */
export const LOCAL_PROLOGUE_BEGIN = '# autolab prologue v1 local: begin';
const LOCAL_PROLOGUE_END = '# autolab prologue v1 local: end';

/** Exit status when nobody claimed the run. */
const NOT_CLAIMED_STATUS = 98;

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
${CODE_CHECK}${LOCAL_PROLOGUE_END}
`;
