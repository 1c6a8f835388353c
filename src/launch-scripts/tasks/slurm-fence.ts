import { NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';

/**
 * The fence of an element of an array, for each task and attempt: one start alone can make `receipts/claim.<index>.<attempt>`.
 * The claim is made before the look at `receipt/closed`, `receipts/stop` and `receipts/cancel.<index>`, which autolab makes
 * before it looks for claims: so at least one of the two sees the other. `receipt/claim` is autolab's: no element makes it.
 *
 * - The element of one task links a file of its own, which is complete before it has the name. Only the inode shows whether
 *   the link was made: NFS repeats requests.
 * - A worker makes thousands, and `ln` is a program. It opens the file with O_EXCL (`set -C`), which is atomic here, on NFS
 *   from version 3 on, and on cluster file systems, and writes the line at once. A start that is killed in between leaves an
 *   empty claim, which is no start's: that task is not begun.
 *
 * The first attempt is 0. A requeued element (same array, index and id, a higher restart count) may make the next one of its
 * own task, unless the attempt before has a receipt of its end. A receipt with `job_signal` is no such end, because Slurm
 * ends a job with SIGTERM before it requeues it; nor is one that was cut off.
 */
export const ELEMENT_FENCE = `autolab_leave() {
  autolab_remove_own
  printf 'autolab: %s; this element (%s, job %s) starts nothing\\n' "$1" "$autolab_element" "$SLURM_JOB_ID" >&2
  exit ${NOT_CLAIMED_STATUS}
}
# A new folder for what this start writes before it is linked or renamed: no file in it was ever linked by another.
autolab_make_own() {
  local PATH="$autolab_path" autolab_try
  for autolab_try in 1 2 3; do
    autolab_own="$autolab_receipts/own.$autolab_element.$autolab_restart.$autolab_node.$$.$RANDOM"
    if command mkdir -- "$autolab_own" 2>/dev/null; then return 0; fi
  done
  autolab_own=
  return 1
}
autolab_remove_own() {
  local PATH="$autolab_path"
  if [ -n "\${autolab_own-}" ]; then command rm -rf -- "$autolab_own" || :; fi
}

# Why nothing may begin: autolab_reason is closed, stop or cancel. Returns 1 if nothing is in the way.
autolab_forbidden() {
  if [[ ! -e $autolab_receipt/closed && ! -e $autolab_receipt/claim && ! -e $autolab_receipts/stop && ! -e $autolab_receipts/cancel.$1 ]]; then return 1; fi
  if [ -e "$autolab_receipt/closed" ] || [ -e "$autolab_receipt/claim" ]; then autolab_reason=closed
  elif [ -e "$autolab_receipts/stop" ]; then autolab_reason=stop
  else autolab_reason=cancel; fi
}

autolab_claim_text() {
  autolab_stamp
  printf -v autolab_text '{"kind":"element",%s,"element_started_at":"%s","claimed_at":"%s"}' "$autolab_job" "$autolab_born_at" "$autolab_at"
}
# autolab_link_claim INDEX: whether this start owns the attempt \`autolab_attempt\` of the task; autolab_make_claim likewise.
autolab_link_claim() {
  local PATH="$autolab_path" autolab_claim="claim.$1.$autolab_attempt"
  autolab_claim_text
  { printf '%s\\n' "$autolab_text" >| "$autolab_own/$autolab_claim"; } 2>/dev/null || return 1
  command ln -- "$autolab_own/$autolab_claim" "$autolab_receipts/" 2>/dev/null || :
  [ "$autolab_own/$autolab_claim" -ef "$autolab_receipts/$autolab_claim" ]
}
# It leaves its claim without a line where none can be written (autolab_made is no): NFS repeats requests, and if it repeated
# that to remove it, the claim of another start could go.
autolab_make_claim() {
  autolab_claim_text
  autolab_made= autolab_options=$-
  set -C
  { autolab_made=no; printf '%s\\n' "$autolab_text" && autolab_made=yes; } 2>/dev/null > "$autolab_receipts/claim.$1.$autolab_attempt" || :
  if [[ $autolab_options != *C* ]]; then set +C; fi
  [ "$autolab_made" = yes ]
}
autolab_put() {
  local PATH="$autolab_path"
  command mv -f -- "$autolab_own/$1" "$autolab_receipts/$1" 2>/dev/null ||
    printf 'autolab: receipts/%s could not be written\\n' "$1" >&2 || :
}

# autolab_next_attempt INDEX: whether the last attempt was an earlier start of this element, which did not end by itself.
autolab_next_attempt() {
  local autolab_said=
  autolab_attempt=0
  while [ -e "$autolab_receipts/claim.$1.$((autolab_attempt + 1))" ]; do autolab_attempt=$((autolab_attempt + 1)); done
  IFS= read -r autolab_owner 2>/dev/null < "$autolab_receipts/claim.$1.$autolab_attempt" || :
  if [ "\${AUTOLAB_REQUEUE:-0}" != 1 ]; then return 1; fi
  [[ $autolab_owner = '{"kind":"element",'"$autolab_start_key"* ]] || return 1
  autolab_said="\${autolab_owner#*\\"restart_count\\":}"
  autolab_said="\${autolab_said%%[!0-9]*}"
  ((\${autolab_said:-$autolab_restart} < autolab_restart)) || return 1
  if [ -e "$autolab_receipts/$1.exit" ]; then
    autolab_said=
    if { IFS= read -r autolab_said < "$autolab_receipts/$1.exit"; } 2>/dev/null; then
      [[ $autolab_said = '{"attempt":'"$autolab_attempt,"*'"job_signal":"SIG'* ]] || return 1
    # That start was killed as it wrote it: it is empty, or has the beginning of its line.
    elif [ -s "$autolab_receipts/$1.exit" ]; then [[ $autolab_said = '{"attempt":'"$autolab_attempt,"* ]] || return 1; fi
  fi
  autolab_attempt=$((autolab_attempt + 1))
}

# The one task of this element. It looks for reasons against it before and after its claim.
autolab_claim_own_task() {
  autolab_index=$((10#$AUTOLAB_CHUNK_OFFSET + autolab_number)) autolab_attempt=0
  if autolab_forbidden "$autolab_index"; then autolab_leave "task $autolab_index may not begin ($autolab_reason)"; fi
  if ! autolab_link_claim "$autolab_index"; then
    autolab_next_attempt "$autolab_index" && autolab_link_claim "$autolab_index" ||
      autolab_leave "task $autolab_index is claimed by \${autolab_owner:-no element, and cannot be claimed in $autolab_receipts}"
  fi
  autolab_claimed=1
  if autolab_forbidden "$autolab_index"; then
    if [ "$autolab_reason" != closed ]; then autolab_note_exit null request ''; fi
    autolab_leave "task $autolab_index may not begin ($autolab_reason)"
  fi
}
`;
