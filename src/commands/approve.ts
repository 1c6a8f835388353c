import { CATALOG } from '../errors/catalog.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { LIST_OF_TASKS, listedDifferences } from '../plan/approval.ts';
import type { Guarded } from '../plan/guard.ts';
import { type Look, lookAtApprovable, lookForLaunch } from '../plan/look.ts';
import { readSigners, type SignersFile } from '../plan/signature.ts';
import { besides, firstFew } from '../platform/listing.ts';
import { sentence, sentences } from '../platform/sentence.ts';
import { approvedDigest } from '../project/approved.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import { whyNotOther } from '../project/identity.ts';
import { REQUIRED_CHECKS } from '../project/required-checks.ts';
import { signedText } from '../project/signed-review.ts';
import { positionOf } from '../run/state-file.ts';
import type { ApprovalShown } from './approval/approval-shown.ts';
import type { ApprovalCheck } from './approval/check-outcome.ts';
import { runChecks } from './approval/checks.ts';
import { composeReview, type ReviewDecided, reviewThere, stateMoved, writeReview } from './approval/decide.ts';
import { guardReview, partsAt } from './approval/guard-review.ts';
import { decision, moveWithReview } from './approval/move-with-review.ts';
import { showApproval } from './approval/shown.ts';
import { signReview } from './approval/sign.ts';
import { moveStage } from './move-stage.ts';
import { type CommandResult, resultOfCode, resultOfFailure, stageKeys } from './result.ts';

/** `autolab approve`: the reviewer approves what is there, by its digests. */

const COMMAND = 'approve';

export interface Approval {
  readonly by: string;
  readonly note: string | null;
  /** A key file to sign with, if launch.yaml asks for a signature; null for git's, else the agent's. */
  readonly key?: string | null;
  /** Asked once all checks have passed: what it is shown is what is approved. Default: yes. */
  readonly confirm?: (shown: ApprovalShown) => boolean | Promise<boolean>;
}

/** Asks nothing of its own. Writes nothing unless the checks could be made, and what was shown is still there. */
export async function approveExperiment(root: string, approval: Approval, emit: Emit): Promise<CommandResult> {
  const guarded = guardReview(root);
  if (!('state' in guarded)) return resultOfFailure(COMMAND, guarded);
  const parts = partsAt(guarded);
  const refuse = (failure: Failure): CommandResult => resultOfFailure(COMMAND, failure, parts);
  const look = await lookForLaunch(root, guarded, null, { readCode: true, inputs: 'digests, kept' });
  const signers = await readSigners(root, look.project.config);
  if (signers !== null && 'code' in signers) return refuse(failureOf(signers.code, signers));
  const checked = await runChecks(root, look, emit);
  if ('code' in checked) return refuse(checked);
  const shown = await showApproval(root, look, checked);
  const ofShown = { ...parts, details: detailsOf(shown) };
  const failed = failedChecks(root, guarded, shown.checks);
  if (failed.length > 0)
    return {
      ...sendBack(root, guarded, approval, shown, failed),
      problems: checked.problems,
      details: detailsOf(shown),
    };
  const eyes = look.project.config.review.four_eyes ? whyNotOther(approval.by, shown.author) : null;
  if (eyes !== null)
    return resultOfFailure(COMMAND, failureOf('review.four_eyes', { message: `Nothing was approved: ${eyes}.` }), {
      ...ofShown,
      outcome: 'refused',
    });
  if ((await approval.confirm?.(shown)) === false) return resultOfFailure(COMMAND, notConfirmed(), ofShown);
  const written = await approveShown(root, { guarded, look, approval, shown, signers });
  if (written !== null) return resultOfFailure(COMMAND, written, ofShown);
  return resultOfCode(COMMAND, 'review.approved', {
    ...ofShown,
    ...stageKeys(guarded.state, { ...positionOf(guarded.state), stage: 'launch' }),
    message: `${approval.by} approved ${shown.experiment_id}${signers === null ? '' : ', signed'}.`,
    hint: 'Launch it: autolab launch',
    problems: checked.problems,
    details: { ...detailsOf(shown), signed: signers !== null },
  });
}

function notConfirmed(): Failure {
  return failureOf('interrupted', {
    message: 'Not approved; nothing was written.',
    hint: 'To send it back: autolab reject --by WHO --note TEXT',
  });
}

function detailsOf({ checks, approved, approved_digest, author, data_inputs: data, tasks: planned }: ApprovalShown) {
  const inputs = data.length === 0 ? {} : { data_inputs: data };
  const tasks = planned === null ? {} : { tasks: planned };
  return { checks, required_checks: resultsOf(checks), approved, approved_digest, author, ...inputs, ...tasks };
}

function resultsOf(checks: readonly ApprovalCheck[]): ReviewDecided['required_checks'] {
  return Object.fromEntries(checks.map(({ name, result }) => [name, result]));
}

/** Those of autolab, and those that another program left in the file and that only it can lift. */
function failedChecks(root: string, { state }: Guarded, checks: readonly ApprovalCheck[]): readonly string[] {
  const others = Object.entries(reviewThere(root, state.iteration_id).required_checks).filter(
    ([name, result]) => result === 'fail' && !REQUIRED_CHECKS.some((own) => own === name),
  );
  return [
    ...checks.filter(({ result }) => result === 'fail').map(({ name, words }) => `${name}: ${words}`),
    ...others.map(([name]) => `${name}: failed, as another program wrote into the review; let it check again`),
  ];
}

/** The review says what failed, and the workflow goes back; no attempt is counted for a reviewer's call. */
function sendBack(
  root: string,
  guarded: Guarded,
  { by, note }: Approval,
  { author, checks }: ApprovalShown,
  findings: readonly string[],
): CommandResult {
  const [first = ''] = (findings[0] ?? '').split('\n');
  const message = sentence(
    `${findings.length === 1 ? 'A check' : `${findings.length} checks`} failed: ${first}${besides(findings.length - 1)}`,
  );
  const helps = checks.flatMap(({ result, hint }) => (result === 'fail' && hint !== undefined ? [hint] : []));
  const hint = sentences(...helps, CATALOG['approval.check_failed'].hint);
  const failure = failureOf('approval.check_failed', { message, hint });
  const decided = decision({ by, note, author, status: 'needs_retry', findings, checks: resultsOf(checks) });
  return moveWithReview(root, guarded, { command: COMMAND, by, note, decided, failure });
}

interface ToApprove {
  readonly guarded: Guarded;
  readonly look: Look;
  readonly approval: Approval;
  readonly shown: ApprovalShown;
  readonly signers: SignersFile | null;
}

/** Signs and writes the approval. Returns why nothing was approved, or null. */
async function approveShown(
  root: string,
  { guarded, look, approval, shown, signers }: ToApprove,
): Promise<Failure | null> {
  const { by, note, key = null } = approval;
  const { state } = guarded;
  const changed = await changedSince(root, guarded, look);
  if (changed !== null) return changed;
  const { approved, author } = shown;
  const decided = decision({
    by,
    note,
    author,
    status: 'pass',
    findings: [],
    checks: resultsOf(shown.checks),
    approved,
  });
  const { text, review } = composeReview(root, state.iteration_id, decided);
  const signature =
    signers === null
      ? null
      : await signReview(root, signers, { text: signedText(state.iteration_id, review), by, key });
  if (signature !== null && typeof signature !== 'string') return signature;
  const listing = look.code.listing?.withoutDesigns ?? null;
  return moveStage(root, {
    ...{ command: COMMAND, from: state, by, code: 'review.approved', message: `${by} approved the experiment.` },
    ...(note === null ? {} : { note }),
    to: { stage: 'launch', stage_attempt: state.stage_attempt },
    first: () => {
      const moved = stateMoved(root, state);
      if (moved === null) writeReview(root, { iterationId: state.iteration_id, text, signature, listing });
      return moved;
    },
  });
}

/** What was shown is what is approved: checks, tests and questions take their time. */
async function changedSince(root: string, { state }: Guarded, look: Look): Promise<Failure | null> {
  const again = await lookAtApprovable(root, state);
  // The data are compared at the launch, and once more when the run starts.
  const [was, is] = [look.approvable, { ...again.approvable, inputs: look.approvable.inputs }];
  if (approvedDigest(was) === approvedDigest(is)) return null;
  const files = new Set([
    ...(was.design === is.design ? [] : ['the design']),
    ...(was.environment === is.environment ? [] : [ENVIRONMENT_FILE]),
    ...(was.tasks === is.tasks ? [] : [LIST_OF_TASKS]),
    ...listedDifferences(look.code.listing?.withoutDesigns ?? '', again.code.listing?.withoutDesigns ?? ''),
  ]);
  const names = files.size === 0 ? 'the code' : firstFew([...files], 5);
  return failureOf('approval.changed', {
    message: `Nothing was approved: ${names} changed while it was checked.`,
    hint:
      look.project.config.checks.tests === null
        ? 'Look at what changed, then: autolab approve --by WHO'
        : 'If the tests leave files, let git ignore them (.gitignore). Then: autolab approve --by WHO',
  });
}
