import { NOT_CLAIMED_STATUS, NOT_LAUNCHED_STATUS } from '../schedulers/script-statuses.ts';
import { CODE_CHECK } from './code-check.ts';
import { LISTING_CHECK } from './slurm-pieces.ts';
import { WRAPPER_FILE } from './slurm-wrapper.ts';

/**
 * The first part of every Slurm script: the fence, the receipt, and the check that the code is the approved one (X1,
 * X4). A hand-written script contains it word for word; changed text is a new version. A node needs bash 4.2 and GNU
 * coreutils; git is used if it is there. `autolab_run`, with which the script's main command begins, is defined by a
 * file that autolab puts beside the script: a script has a line limit.
 */
export const SLURM_PROLOGUE_BEGIN = '# autolab prologue v2 slurm: begin';
const SLURM_PROLOGUE_END = '# autolab prologue v2 slurm: end';

// Only the inode shows whether a link was made: NFS repeats requests, so that `ln` may fail after it has succeeded. The
// own claim is linked from a temporary file, so that the same script started again inside the job is also a second
// copy. The link to receipt/claim-<restart> comes before the look at receipt/closed: autolab links that one first and
// looks for the other afterwards, so that at least one of the two sees the other.
export const SLURM_PROLOGUE = `${SLURM_PROLOGUE_BEGIN}
for autolab_name in AUTOLAB_RUN_ID AUTOLAB_ITERATION_ID AUTOLAB_RUN_DIR AUTOLAB_REPO_ROOT SLURM_JOB_ID; do
  [ -n "\${!autolab_name-}" ] || { echo "autolab: $autolab_name is not set; start this with: autolab launch" >&2; exit ${NOT_LAUNCHED_STATUS}; }
done
autolab_receipt="$AUTOLAB_RUN_DIR/receipt" autolab_restart="\${SLURM_RESTART_COUNT:-0}" autolab_path="$PATH"
autolab_node="\${SLURMD_NODENAME:-\${HOSTNAME:-unknown}}"
autolab_job="\\"job_id\\":\\"$SLURM_JOB_ID\\",\\"restart_count\\":$autolab_restart"
autolab_mine="$autolab_receipt/claim.$SLURM_JOB_ID.$autolab_restart"
autolab_temporary="$autolab_mine.$autolab_node.$$"
autolab_now() { PATH="$autolab_path" command date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
autolab_link() { ln -- "$1" "$2" 2>/dev/null || :; [ "$1" -ef "$2" ]; }
autolab_leave() {
  rm -f -- "$autolab_temporary" || :
  printf 'autolab: %s; this copy (job %s) starts nothing\\n' "$1" "$SLURM_JOB_ID" >&2
  exit ${NOT_CLAIMED_STATUS}
}
autolab_tell() {
  local PATH="$autolab_path"
  { printf '{%s}\\n' "$2" >| "$autolab_temporary" && command mv -f -- "$autolab_temporary" "$autolab_receipt/$1"; } 2>/dev/null ||
    printf 'autolab: receipt/%s could not be written\\n' "$1" >&2 || :
}
# Defines autolab_run, autolab_signal and autolab_finish.
. "$autolab_receipt/${WRAPPER_FILE}" ||
  autolab_leave "run $AUTOLAB_RUN_ID cannot be claimed in $autolab_receipt: ${WRAPPER_FILE} cannot be read"
# The fence: the copy that links receipt/claim owns the run, and no other copy may run.
printf '{"kind":"job",%s,"node":"%s","claimed_at":"%s"}\\n' "$autolab_job" "$autolab_node" "$(autolab_now)" \\
  >| "$autolab_temporary" || autolab_leave "run $AUTOLAB_RUN_ID cannot be claimed in $autolab_receipt"
autolab_link "$autolab_temporary" "$autolab_mine" || autolab_leave "this job has already claimed the run"
if ! autolab_link "$autolab_mine" "$autolab_receipt/claim"; then
  autolab_owner="$(head -c 400 -- "$autolab_receipt/claim" 2>/dev/null | tr '\\n' ' ')" || :
  [[ $autolab_restart != 0 && "\${AUTOLAB_REQUEUE:-0}" = 1 && $autolab_owner = '{"kind":"job","job_id":"'"$SLURM_JOB_ID"'",'* ]] &&
    autolab_link "$autolab_mine" "$autolab_receipt/claim-$autolab_restart" ||
    autolab_leave "run $AUTOLAB_RUN_ID is claimed by \${autolab_owner:-no job, and cannot be claimed in $autolab_receipt}"
fi
if [ -e "$autolab_receipt/closed" ]; then autolab_leave "run $AUTOLAB_RUN_ID was closed"; fi
rm -f -- "$autolab_temporary" || :
autolab_begun="\\"node\\":\\"$autolab_node\\",\\"started_at\\":\\"$(autolab_now)\\""
trap autolab_finish EXIT
autolab_traps
autolab_tell started.json "$autolab_job,$autolab_begun"
cd -- "$AUTOLAB_REPO_ROOT"
${CODE_CHECK}${LISTING_CHECK}${SLURM_PROLOGUE_END}
`;
