#!/usr/bin/env bash
# autolab: script=run_local.sh version=1 sha256=20a1cc63ae66e17785d9bb6af5b069ae43af3919146fc60dfda418ff4610fd3e
# Made by autolab from experiments/iter1/design.yaml and docs/environment.md, for a run on this machine.
# Made anew at every launch. Once edited it is yours: it is checked (autolab lint-script) and never overwritten.
# Artifacts that the design collects from elsewhere (from:) are gathered by autolab after the run.
set -euo pipefail

# autolab prologue v1 local: begin
: "${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The supervisor of the run links this claim before it starts us: without it, somebody else may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\n' "autolab: nobody has claimed run $AUTOLAB_RUN_ID; start this script with: autolab launch" >&2
  exit 98
fi
if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  elif ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)"; then
    printf '%s\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit 97
  fi
  unset autolab_differences
fi
# autolab prologue v1 local: end

set +u
# runtime environment (docs/environment.md): begin
source venv/bin/activate
export OMP_NUM_THREADS=2
# runtime environment: end
set -u
cd -- "$AUTOLAB_REPO_ROOT"

exec -- python3 -m package.train --epochs 3 --note 'it'\''s' --out-dir "${AUTOLAB_RUN_DIR}"/out
