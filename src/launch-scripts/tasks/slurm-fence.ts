import { NOT_CLAIMED_STATUS } from '../../schedulers/script-statuses.ts';

/**
 * The fence of an element of an array, for each task and attempt: `receipts/claim.<index>.<attempt>` is a link to a file of
 * this start alone. The claim is linked before the look at `receipt/closed`, `receipts/stop` and `receipts/cancel.<index>`,
 * which autolab makes before it looks for claims: so at least one of the two sees the other. `receipt/claim` is autolab's:
 * no element makes it. Only the inode shows whether a link was made: NFS repeats requests.
 *
 * The first attempt is 0. A requeued element (same array, index and id, a higher restart count) may make the next one of its
 * own task, unless the attempt before has a receipt of its end; a receipt with `job_signal` is no such end, because Slurm
 * ends a job with SIGTERM before it requeues it.
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
  autolab_reason=
  if [ -e "$autolab_receipt/closed" ] || [ -e "$autolab_receipt/claim" ]; then autolab_reason=closed
  elif [ -e "$autolab_receipts/stop" ]; then autolab_reason=stop
  elif [ -e "$autolab_receipts/cancel.$1" ]; then autolab_reason=cancel
  else return 1; fi
}

# autolab_link_claim INDEX ATTEMPT: whether this start owns that attempt. What was to be placed goes with it.
autolab_link_claim() {
  local PATH="$autolab_path" autolab_claim="claim.$1.$2"
  local -a autolab_files=("$autolab_own/$autolab_claim")
  autolab_stamp
  { printf '{"kind":"element",%s,"element_started_at":"%s","claimed_at":"%s"}\\n' \\
    "$autolab_job" "$autolab_born_at" "$autolab_at" >| "$autolab_own/$autolab_claim"; } 2>/dev/null || return 1
  if [ -n "$autolab_pending" ]; then autolab_files+=("$autolab_own/$autolab_pending"); fi
  command ln -- "\${autolab_files[@]}" "$autolab_receipts/" 2>/dev/null || :
  autolab_placed
  [ "$autolab_own/$autolab_claim" -ef "$autolab_receipts/$autolab_claim" ]
}
# A receipt that could not be linked, because there is one, takes its place.
autolab_placed() {
  if [ -n "$autolab_pending" ] && [ ! "$autolab_own/$autolab_pending" -ef "$autolab_receipts/$autolab_pending" ]; then
    autolab_put "$autolab_pending"
  fi
  autolab_pending=
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
    IFS= read -r autolab_said 2>/dev/null < "$autolab_receipts/$1.exit" || :
    [[ $autolab_said = '{"attempt":'"$autolab_attempt,"*'"job_signal":"SIG'* ]] || return 1
  fi
  autolab_attempt=$((autolab_attempt + 1))
}

# The one task of this element. It looks for reasons against it before and after its claim.
autolab_claim_own_task() {
  autolab_index=$((10#$AUTOLAB_CHUNK_OFFSET + autolab_number))
  if autolab_forbidden "$autolab_index"; then autolab_leave "task $autolab_index may not begin ($autolab_reason)"; fi
  if ! autolab_link_claim "$autolab_index" 0; then
    autolab_next_attempt "$autolab_index" && autolab_link_claim "$autolab_index" "$autolab_attempt" ||
      autolab_leave "task $autolab_index is claimed by \${autolab_owner:-no element, and cannot be claimed in $autolab_receipts}"
  fi
  autolab_claimed=1
  if autolab_forbidden "$autolab_index"; then
    if [ "$autolab_reason" != closed ]; then autolab_note_exit null request ''; autolab_flush; fi
    autolab_leave "task $autolab_index may not begin ($autolab_reason)"
  fi
}
`;
