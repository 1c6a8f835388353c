/**
 * The prologues of scripts that were made for journals of format 1, word for word. Left as they are: the scripts of runs that
 * were opened then are judged by these.
 */
export const SLURM_PROLOGUE_1 = `# autolab prologue v1 slurm: begin
for autolab_name in AUTOLAB_RUN_ID AUTOLAB_ITERATION_ID AUTOLAB_RUN_DIR AUTOLAB_REPO_ROOT SLURM_JOB_ID; do
  [ -n "\${!autolab_name-}" ] || { echo "autolab: $autolab_name is not set; start this with: autolab launch" >&2; exit 96; }
done
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_restart="\${SLURM_RESTART_COUNT:-0}" autolab_path="$PATH"
autolab_node="\${SLURMD_NODENAME:-\${HOSTNAME:-unknown}}"
autolab_job="\\"job_id\\":\\"$SLURM_JOB_ID\\",\\"restart_count\\":$autolab_restart"
autolab_mine="$autolab_receipt/claim.$SLURM_JOB_ID.$autolab_restart"
autolab_temporary="$autolab_mine.$autolab_node.$$"
autolab_now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
autolab_link() { ln -- "$1" "$2" 2>/dev/null || :; [ "$1" -ef "$2" ]; }
autolab_leave() {
  rm -f -- "$autolab_temporary" || :
  printf 'autolab: %s; this copy (job %s) starts nothing\\n' "$1" "$SLURM_JOB_ID" >&2
  exit 98
}
autolab_tell() {
  { printf '{%s}\\n' "$2" >| "$autolab_temporary" && mv -f -- "$autolab_temporary" "$autolab_receipt/$1"; } 2>/dev/null ||
    printf 'autolab: receipt/%s could not be written\\n' "$1" >&2 || :
}
autolab_finish() {
  autolab_status=$?
  set +eu; trap '' HUP INT USR1 TERM; PATH="$autolab_path"
  autolab_tell exit.json "$autolab_job,\\"exit_code\\":$autolab_status,$autolab_begun,\\"ended_at\\":\\"$(autolab_now)\\""
  exit "$autolab_status"
}
# The fence: whoever links receipt/claim owns the run, and nobody else may run.
printf '{"kind":"job",%s,"node":"%s","claimed_at":"%s"}\\n' "$autolab_job" "$autolab_node" "$(autolab_now)" \\
  >| "$autolab_temporary" || autolab_leave "run $AUTOLAB_RUN_ID cannot be claimed in $autolab_receipt"
autolab_link "$autolab_temporary" "$autolab_mine" || autolab_leave "there is a claim of this job already"
if ! autolab_link "$autolab_mine" "$autolab_receipt/claim"; then
  autolab_owner="$(head -c 400 -- "$autolab_receipt/claim" 2>/dev/null | tr '\\n' ' ')" || :
  [[ $autolab_restart != 0 && "\${AUTOLAB_REQUEUE:-0}" = 1 && $autolab_owner = '{"kind":"job","job_id":"'"$SLURM_JOB_ID"'",'* ]] &&
    autolab_link "$autolab_mine" "$autolab_receipt/claim-$autolab_restart" ||
    autolab_leave "run $AUTOLAB_RUN_ID is claimed by \${autolab_owner:-nobody, and cannot be claimed in $autolab_receipt}"
fi
if [ -e "$autolab_receipt/closed" ]; then autolab_leave "run $AUTOLAB_RUN_ID was closed"; fi
rm -f -- "$autolab_temporary" || :
autolab_begun="\\"node\\":\\"$autolab_node\\",\\"started_at\\":\\"$(autolab_now)\\""
trap autolab_finish EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 138' USR1; trap 'exit 143' TERM
autolab_tell started.json "$autolab_job,$autolab_begun"
cd -- "$AUTOLAB_REPO_ROOT"
if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  elif ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)"; then
    printf '%s\\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit 97
  fi
  unset autolab_differences
fi
if [ -f "$autolab_receipt/code.listing" ]; then
  if ! autolab_listing="$( (unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_LITERAL_PATHSPECS; git -C "$AUTOLAB_REPO_ROOT" \\
    ls-files -z --cached --others --exclude-standard -- . ':(exclude).autolab' ':(exclude,glob)experiments/*/runs/**' ':(exclude,glob)experiments/*/launch/**' ':(exclude)docs/slurm_job_list.md' |
    LC_ALL=C sort -zu | sha256sum) 2>/dev/null)"; then
    echo 'autolab: git does not list the files here: additions unchecked' >&2
  elif [ "\${autolab_listing%% *}" != "$(head -n 1 -- "$autolab_receipt/code.listing")" ]; then
    echo 'autolab: the code is not what was approved; nothing was started: files were added or removed' >&2
    echo 'files were added or removed' > "$autolab_receipt/code_changed"
    exit 97
  fi
fi
# autolab prologue v1 slurm: end
`;

export const LOCAL_PROLOGUE_1 = `# autolab prologue v1 local: begin
: "\${AUTOLAB_RUN_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_ITERATION_ID:?start this script with: autolab launch}"
: "\${AUTOLAB_RUN_DIR:?start this script with: autolab launch}"
: "\${AUTOLAB_REPO_ROOT:?start this script with: autolab launch}"
cd -- "$AUTOLAB_REPO_ROOT"
# The supervisor of the run links this claim before it starts us: without it, somebody else may own the run.
if [ ! -e "$AUTOLAB_RUN_DIR/receipt/claim" ]; then
  printf '%s\\n' "autolab: nobody has claimed run $AUTOLAB_RUN_ID; start this script with: autolab launch" >&2
  exit 98
fi
if [ -f "$AUTOLAB_RUN_DIR/code.sha256" ] && grep -q '^[^#]' "$AUTOLAB_RUN_DIR/code.sha256"; then
  if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null; then
    printf '%s\\n' 'autolab: no GNU sha256sum here: the code was not compared with what was approved' >&2
  elif ! autolab_differences="$(LC_ALL=C sha256sum --strict --quiet --check "$AUTOLAB_RUN_DIR/code.sha256" 2>&1)"; then
    printf '%s\\n' 'autolab: the code is not what was approved; nothing was started:' "$autolab_differences" >&2
    printf '%s\\n' "$autolab_differences" > "$AUTOLAB_RUN_DIR/receipt/code_changed"
    exit 97
  fi
  unset autolab_differences
fi
# autolab prologue v1 local: end
`;
