#!/usr/bin/env bash
# autolab: script=run_local.sh version=1 sha256=adac1302cdf0e3bfa51b027f9d6026b10417bef01f4eb5aa42eba81f1684351f
# Rendered by autolab from experiments/iter1/design.yaml and docs/environment.md, for a run on this machine.
# autolab renders it again at every launch, unless you edit it: then autolab only checks it (autolab lint-script).
# autolab gathers the artifacts that lie elsewhere (from:) after the run.
set -euo pipefail

# autolab prologue v4 local: begin
: "${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The run's supervisor links this claim before it starts the script: without it, another process may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\n' "autolab: run $AUTOLAB_RUN_ID is not claimed; start this script with: autolab launch" >&2
  exit 98
fi
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_path="$PATH" autolab_line=null
autolab_tell() {
  local PATH="$autolab_path"
  { printf '{%s}\n' "$2" >| "$autolab_receipt/$1.$$" && command mv -f -- "$autolab_receipt/$1.$$" "$autolab_receipt/$1"; } 2>/dev/null
}
autolab_left() {
  autolab_status=$?
  set +eux
  if [ "${#FUNCNAME[@]}" -gt 2 ]; then autolab_line="${BASH_LINENO[${#FUNCNAME[@]} - 2]}"; fi
  autolab_tell left.json "\"exit_code\":$autolab_status,\"line\":$autolab_line"
}
autolab_before() {
  [ ! -f "$autolab_receipt/inputs.sh" ] || autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/inputs.sh" < /dev/null || exit 94
  { [ ! -f "$autolab_receipt/environment.sh" ] || autolab_path="$autolab_path" "$BASH" -p -- "$autolab_receipt/environment.sh" < /dev/null; } > /dev/null 2>&1 || :
}
autolab_run() {
  autolab_options=$-
  set +x; trap - ERR
  autolab_before; trap - EXIT
  # Since bash 5 without a program; the locale says what stands before the fraction.
  autolab_at="$({ [[ ${BASH_VERSINFO[0]} -ge 5 && ${EPOCHREALTIME-} =~ ^([0-9]+)[.,]([0-9]{3}) ]] && export TZ=UTC0 && printf '%(%Y-%m-%dT%H:%M:%S)T.%sZ' "${BASH_REMATCH[@]:1}"; } 2>/dev/null)" ||
    autolab_at="$(PATH="$autolab_path" command date -u +%Y-%m-%dT%H:%M:%S.%3NZ)"
  autolab_tell entrypoint.json "\"began_at\":\"$autolab_at\"" ||
    { echo 'autolab: receipt/entrypoint.json could not be written; nothing was started' >&2 || :; exit 95; }
  [[ $autolab_options != *x* ]] || set -x
  exec -- "$@"
}
trap autolab_left EXIT
trap '[[ $- != *e* ]] || autolab_line=$LINENO' ERR
if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)" && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  else
    printf '%s\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit 97
  fi
fi
unset autolab_differences
# autolab prologue v4 local: end

set +u
# runtime environment (docs/environment.md): begin
source venv/bin/activate
export OMP_NUM_THREADS=2
# runtime environment: end
set -u
cd -- "$AUTOLAB_REPO_ROOT"

autolab_run python3 -m package.train --epochs 3 --note 'it'\''s' --out-dir "${AUTOLAB_RUN_DIR}"/out
