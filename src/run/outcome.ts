import type { Code } from '../errors/catalog.ts';
import { type Owner, OWNERS } from '../errors/owner.ts';
import type { ClosedData } from '../records/run-data.ts';

/**
 * What follows from each code: the launcher's whole policy in one table. Pure.
 * `docs/reference/error-codes.md` is generated from it and from the catalogue.
 */

export type Outcome =
  | 'ok'
  | 'completed'
  | 'submitted'
  | 'cancelled'
  | 'internal_error'
  | 'usage'
  | 'needs_retry'
  | 'human_review'
  | 'refused'
  | 'conflict'
  | 'undetermined'
  | 'interrupted';

/** Exit status of the program. `cancelled` is 0 only for `autolab cancel`; a launch did not get its result. */
export const EXIT_STATUS = {
  ok: 0,
  completed: 0,
  submitted: 0,
  cancelled: 10,
  internal_error: 1,
  usage: 2,
  needs_retry: 10,
  human_review: 11,
  refused: 12,
  conflict: 13,
  undetermined: 14,
  interrupted: 130,
} as const satisfies Record<Outcome, number>;

/** The next stage of the workflow; `same` leaves it unchanged. */
export type NextStage = 'same' | 'design' | 'implementation' | 'implementation_review' | 'launch' | 'extract_results';

export interface Consequence {
  readonly outcome: Outcome;
  readonly stage: NextStage;
  /** Who owns the failure. */
  readonly owner: Owner;
  /** Whether `stage_attempt` rises by one. */
  readonly costsAttempt: boolean;
  /** Whether the run is closed; false also if there is no run. */
  readonly endsRun: boolean;
}

/** The outcome of a run that is closed, as a caller is told: its last attempt may be used up. */
export function outcomeOfClosed({ before, after, outcome }: Pick<ClosedData, 'before' | 'after' | 'outcome'>): Outcome {
  return after.stage === 'human_review' && before.stage !== 'human_review' ? 'human_review' : outcome;
}

/** Codes of single problems in a file; the code of the whole failure decides what follows. */
export type DetailCode = Extract<Code, `file.${string}` | `value.${string}` | `placeholder.${string}`>;
/** Codes that a command or a run can end with. */
export type EndCode = Exclude<Code, DetailCode>;

const end = (outcome: Outcome, owner: Owner): Consequence => ({
  outcome,
  stage: 'same',
  owner,
  costsAttempt: false,
  endsRun: false,
});
const good = (outcome: Outcome): Consequence => end(outcome, 'none');
const refused = end('refused', 'operator');
const conflict = end('conflict', 'operator');
const undetermined = end('undetermined', 'site');
/** A command other than launch fails with status 10; the workflow stays as it is. */
const toolFailed = end('needs_retry', 'operator');
const failure = (stage: NextStage, owner: Owner, endsRun: boolean): Consequence => ({
  outcome: 'needs_retry',
  stage,
  owner,
  costsAttempt: OWNERS[owner].costsAttempt,
  endsRun,
});
/** Only a failure of the experiment sends the workflow back. */
const gate = (stage: NextStage, owner: Owner = 'experiment'): Consequence => failure(stage, owner, false);
/** The run ended badly: the next launch is a new run. */
const endOf = (owner: Owner): Consequence => failure('launch', owner, true);
const badEnd = endOf('experiment');
/** The run is done but not yet verified: it stays open, and the next launch retries that step only. */
const stepFailed = gate('launch');
/** Counted although the site owns it: repeated failures of a transfer go to the operator (R21). */
const transferFailed: Consequence = { ...gate('launch', 'site'), costsAttempt: true };

export const OUTCOMES = {
  ok: good('ok'),
  'run.completed': { ...end('completed', 'none'), stage: 'extract_results', endsRun: true },
  'run.submitted': good('submitted'),
  'run.cancelled': { ...end('cancelled', 'operator'), endsRun: true },
  'review.approved': good('ok'),
  'review.rejected': good('ok'),
  'run.none_active': good('ok'),
  'run.accepted': { ...end('human_review', 'operator'), endsRun: true },

  usage: end('usage', 'operator'),
  internal: end('internal_error', 'autolab'),
  interrupted: end('interrupted', 'operator'),

  'project.not_found': refused,
  'project.read_only': end('refused', 'host'),
  'state.missing': refused,
  'state.invalid': refused,
  'state.wrong_stage': refused,
  'state.human_review': end('human_review', 'operator'),
  'stage.incomplete': toolFailed,
  'stage.other_command': refused,
  'agent.not_started': gate('same', 'operator'),
  'agent.failed': gate('same'),
  'agent.timeout': gate('same'),
  'agent.out_of_scope': gate('same'),
  'agent.not_done': gate('same'),
  'agent.left': conflict,
  'state.not_in_review': refused,
  'state.changed': conflict,
  'positions.invalid': refused,
  'backlog.missing': refused,
  'backlog.invalid': refused,
  'backlog.closed': refused,
  'backlog.no_match': refused,
  'backlog.several_matches': refused,
  'backlog.not_closed': refused,
  'experiment.exists': refused,
  'experiment.incomplete': refused,
  'iteration.elsewhere': refused,
  'path.unsafe_id': refused,
  'path.escapes': refused,
  'run.exists': refused,
  'run.not_found': refused,
  'journal.corrupt': end('refused', 'host'),
  'journal.newer': refused,

  'design.invalid': gate('design'),
  'design.id_mismatch': gate('design'),
  'review.missing': gate('implementation_review'),
  'review.not_passed': gate('implementation'),
  'review.check_failed': gate('implementation'),
  'review.blocking_findings': gate('implementation'),
  'review.stale': gate('implementation_review', 'operator'),
  'review.four_eyes': gate('implementation_review', 'operator'),
  'review.unsigned': gate('implementation_review', 'operator'),
  'review.bad_signature': gate('implementation_review', 'operator'),
  'review.signers': gate('launch', 'operator'),
  'review.no_ssh_keygen': gate('launch', 'shell'),
  'approval.check_failed': gate('implementation', 'operator'),
  'approval.changed': conflict,
  'approval.cannot_sign': refused,
  'environment.invalid': gate('implementation'),
  'config.invalid': gate('launch'),
  'git.dirty': gate('launch', 'git'),
  'git.required': gate('launch', 'git'),
  'git.failed': gate('launch', 'git'),
  'code.scope': gate('launch', 'git'),
  'code.snapshot': gate('launch', 'git'),
  'inputs.missing': gate('launch'),
  'inputs.unreadable': gate('launch', 'host'),
  'host.conflict': gate('design'),
  'host.unresolved': gate('launch', 'host'),
  'host.probe_hung': gate('launch', 'host'),
  'host.not_on_path': gate('launch', 'shell'),
  'host.setup_failed': gate('launch', 'shell'),
  'host.other_cluster': gate('launch', 'shell'),
  'host.memory_not_enforceable': gate('launch', 'site'),
  'remote.unreachable': gate('launch', 'site'),
  'remote.lost': undetermined,
  'remote.denied': gate('launch', 'shell'),
  'remote.host_key': gate('launch', 'shell'),
  'remote.path': gate('launch', 'site'),
  'remote.tools': gate('launch', 'site'),
  'remote.git_mode': gate('launch', 'git'),
  'todo.open': gate('launch'),
  'prompt.invalid': gate('launch'),
  'script.invalid': gate('launch'),
  'script.too_long': gate('launch'),

  'lease.held': conflict,
  'lease.other_host': conflict,
  'lease.fresh': conflict,
  'lease.lost': conflict,
  'run.copied': conflict,
  'project.moved': conflict,
  'run.other_active': conflict,

  'local.failed': badEnd,
  'local.signal': badEnd,
  'local.timeout': badEnd,
  'local.out_of_memory': badEnd,
  'local.lost': endOf('host'),
  'local.terminated': endOf('host'),
  'local.start_failed': endOf('host'),
  'local.code_changed': endOf('git'),
  'local.inputs_changed': endOf('operator'),
  'local.not_started': badEnd,

  'slurm.refused': { ...badEnd, stage: 'design' },
  'slurm.not_run': endOf('site'),
  'slurm.submit_lost': endOf('site'),
  'slurm.unreachable': undetermined,
  'slurm.other_cluster': end('undetermined', 'shell'),
  'slurm.undetermined': undetermined,
  'slurm.failed': badEnd,
  'slurm.start_failed': endOf('site'),
  'slurm.signal': badEnd,
  'slurm.timeout': badEnd,
  'slurm.out_of_memory': badEnd,
  // Not by autolab: it is an end of the job like the others, and counts like them (R17).
  'slurm.cancelled': { ...endOf('operator'), costsAttempt: true },
  'slurm.node_fail': endOf('site'),
  'slurm.preempted': endOf('site'),
  'slurm.boot_fail': endOf('site'),
  'slurm.deadline': badEnd,
  'slurm.revoked': endOf('site'),
  'slurm.unknown_state': endOf('site'),
  'slurm.code_changed': endOf('git'),
  'slurm.inputs_changed': endOf('operator'),
  'slurm.not_started': badEnd,
  'slurm.starts_differ': badEnd,
  'slurm.not_owner': endOf('site'),
  'slurm.end_unknown': endOf('site'),
  'slurm.vanished': endOf('site'),

  'run.undetermined': end('undetermined', 'host'),
  'run.not_recorded': end('undetermined', 'host'),
  'run.still_going': end('undetermined', 'none'),
  'run.abandoned': { ...end('needs_retry', 'operator'), endsRun: true },
  'run.moved': { ...end('needs_retry', 'operator'), endsRun: true },
  'run.not_abandonable': refused,

  'sync.send_failed': transferFailed,
  'sync.unstable': stepFailed,
  'sync.failed': transferFailed,
  'sync.not_ok': refused,
  'tasks.changed': endOf('host'),
  'tasks.failed': badEnd,
  'tasks.unfinished': endOf('site'),
  'tasks.not_started': endOf('operator'),
  'tasks.end_unknown': endOf('site'),
  'tasks.none': refused,
  'tasks.no_earlier_run': refused,
  'tasks.nothing_to_reuse': refused,
  'tasks.all_completed': refused,
  'tasks.unreadable': toolFailed,
  'tasks.artifact_missing': badEnd,
  'artifacts.missing': stepFailed,
  'verify.failed': stepFailed,
  'manifest.differs': toolFailed,
  'report.differs': toolFailed,
  'report.missing': toolFailed,
  'report.other_layout': good('ok'),
  'report.in_the_way': refused,

  'code.not_recorded': refused,
  'code.exists': refused,
  'code.incomplete': toolFailed,

  'run.not_completed': refused,
  // Counted once for a run, however often it is asked for: commands/results/extract.ts.
  'metrics.missing': gate('same'),
  'metrics.invalid': gate('same'),
  'metrics.changed': gate('same', 'operator'),
  'results.invalid': toolFailed,
  'repeat.used_up': end('human_review', 'operator'),
  'backlog.none_open': refused,

  'ledger.no_job_id': toolFailed,
  'ledger.invalid': toolFailed,
  'ledger.mismatch': toolFailed,
  'todo.unknown': refused,
  'doctor.failed': end('needs_retry', 'host'),
  'init.exists': refused,
} as const satisfies Record<EndCode, Consequence>;

function isEndCode(code: Code): code is EndCode {
  return Object.hasOwn(OUTCOMES, code);
}

/** A detail can end a command that reads a single file; it leaves the workflow as it is. */
export function consequenceOf(code: Code): Consequence {
  return isEndCode(code) ? OUTCOMES[code] : toolFailed;
}

/** The part of state.json that the launcher decides about. */
export interface WorkflowPosition {
  readonly stage: string;
  readonly stage_attempt: number;
  readonly max_stage_attempts: number;
}

export interface Transition {
  readonly before: WorkflowPosition;
  readonly after: WorkflowPosition;
  readonly outcome: Outcome;
}

/** Whether a failure was counted, read from what was decided. */
export function wasCounted({ before, after }: Pick<Transition, 'before' | 'after'>): boolean {
  return after.stage_attempt > before.stage_attempt;
}

/** The state after a code. Success resets the counter; the last counted failure hands over to a reviewer. */
export function transitionFor(code: Code, before: WorkflowPosition): Transition {
  const consequence = consequenceOf(code);
  const stage = consequence.stage === 'same' ? before.stage : consequence.stage;
  if (consequence.outcome === 'completed')
    return { before, after: { ...before, stage, stage_attempt: 0 }, outcome: 'completed' };
  if (!consequence.costsAttempt) return { before, after: { ...before, stage }, outcome: consequence.outcome };
  const attempt = before.stage_attempt + 1;
  const used = attempt >= before.max_stage_attempts;
  return {
    before,
    after: { ...before, stage: used ? 'human_review' : stage, stage_attempt: attempt },
    outcome: used ? 'human_review' : consequence.outcome,
  };
}
