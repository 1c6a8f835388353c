import type { LaunchEvent } from '../../events/events.ts';
import type { PlannedTasks } from '../../plan/planned-tasks.ts';
import type { Approved } from '../../project/approved.ts';
import type { ApprovalShown } from '../approval/approval-shown.ts';
import type { ApprovalCheck } from '../approval/check-outcome.ts';
import { approveExperiment } from '../approve.ts';
import { callback, maybeText, required, text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import type { ProjectRoot, Verb } from '../verb.ts';

export interface ApproveOptions {
  /** Who approves, for the record; with `review: {signers}` the name of the key. */
  readonly by: string;
  /** Default: null. */
  readonly note?: string | null;
  /** The key file to sign with, if a signature is asked for. Default: null, git's `user.signingkey`, else the agent's key. */
  readonly key?: string | null;
  /** Asked once all checks have passed; what it is shown is what is approved. Nothing is written if it answers false. */
  readonly confirm?: (shown: ApprovalShown) => boolean | Promise<boolean>;
  /** Gets each event as it happens. */
  readonly onEvent?: (event: LaunchEvent) => void;
}

/** The keys of its own are left out if the checks were not made. */
export interface ApproveResult extends VerbResult {
  readonly checks?: readonly ApprovalCheck[];
  readonly required_checks?: Readonly<Record<string, 'pass' | 'skip' | 'fail'>>;
  readonly approved?: Approved;
  /** The data that the design names; left out if it names none. */
  readonly data_inputs?: ApprovalShown['data_inputs'];
  /** Left out if the run has one task, without parameters, or it cannot be planned. */
  readonly tasks?: PlannedTasks;
  /** Of all of `approved` but `commit`. */
  readonly approved_digest?: string;
  /** Who wrote what was reviewed, as git names them; null if it does not. */
  readonly author?: string | null;
  /** Whether the review is signed; only if it was written. */
  readonly signed?: boolean;
}

export const approve: Verb<ApproveOptions, ProjectRoot, LaunchEvent> = {
  name: 'approve',
  options: { by: required(text), note: maybeText, key: maybeText, confirm: callback, onEvent: callback },
  perform: ({ root }, { by, note = null, key = null, confirm }, emit) =>
    approveExperiment(root, { by, note, key, ...(confirm === undefined ? {} : { confirm }) }, emit),
};
