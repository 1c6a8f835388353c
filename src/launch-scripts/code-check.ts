import { CODE_CHANGED_STATUS } from '../schedulers/script-statuses.ts';

/** The parts of the prologues that compare the code with the approved one (X4). */

// `grep` checks that there is an entry: sha256sum fails on a list without one. Only GNU sha256sum is used: others lack
// --quiet and --strict. Both texts go to the log, which is the evidence.
export const CODE_CHECK = `if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  elif ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)"; then
    printf '%s\\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit ${CODE_CHANGED_STATUS}
  fi
  unset autolab_differences
fi
`;

// The same with one program where nothing changed. A list without an entry fails, as a sha256sum that is not GNU does;
// what it was is asked afterwards.
export const QUICK_CODE_CHECK = `if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)" && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  else
    printf '%s\\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit ${CODE_CHANGED_STATUS}
  fi
fi
unset autolab_differences
`;
