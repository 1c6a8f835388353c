import type { Code } from '../errors/catalog.ts';

/**
 * Where a code leads: the whole policy of the launcher in one table. Pure.
 * `docs/error-codes.md` is generated from it and from the catalogue.
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

/** Exit status of the program. `cancelled` is 0 only for `autolab cancel`; whoever launched did not get a result. */
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

/** The stage the workflow goes to; `same` leaves it where it is. */
export type NextStage = 'same' | 'design' | 'implementation' | 'implementation_review' | 'launch' | 'extract_results';

export interface Consequence {
  readonly outcome: Outcome;
  readonly stage: NextStage;
  /** Whether `stage_attempt` rises by one. */
  readonly costsAttempt: boolean;
  /** Whether the run is closed; false also where there is no run. */
  readonly endsRun: boolean;
}

/** Codes of single problems in a file; the code of the whole failure leads somewhere. */
export type DetailCode = Extract<Code, `file.${string}` | `value.${string}` | `placeholder.${string}`>;
/** Codes that a command or a run can end with. */
export type EndCode = Exclude<Code, DetailCode>;

const good = (outcome: Outcome): Consequence => ({ outcome, stage: 'same', costsAttempt: false, endsRun: false });
const refused = good('refused');
const conflict = good('conflict');
const undetermined = good('undetermined');
/** A command other than launch says no with status 10; the workflow is not touched. */
const toolFailed = good('needs_retry');
const gate = (stage: NextStage): Consequence => ({ outcome: 'needs_retry', stage, costsAttempt: true, endsRun: false });
/** The run ended badly: the next launch is a new run. */
const badEnd: Consequence = { outcome: 'needs_retry', stage: 'launch', costsAttempt: true, endsRun: true };
/** The run is done but not yet proven: it stays open, and the next launch retries that step only. */
const stepFailed: Consequence = { outcome: 'needs_retry', stage: 'launch', costsAttempt: true, endsRun: false };

export const OUTCOMES = {
  ok: good('ok'),
  'run.completed': { outcome: 'completed', stage: 'extract_results', costsAttempt: false, endsRun: true },
  'run.submitted': good('submitted'),
  'run.cancelled': { outcome: 'cancelled', stage: 'same', costsAttempt: false, endsRun: true },
  'run.none_active': good('ok'),
  'run.accepted': { outcome: 'human_review', stage: 'same', costsAttempt: false, endsRun: true },

  usage: good('usage'),
  internal: good('internal_error'),
  interrupted: good('interrupted'),

  'project.not_found': refused,
  'project.read_only': refused,
  'state.missing': refused,
  'state.invalid': refused,
  'state.wrong_stage': refused,
  'state.human_review': good('human_review'),
  'state.not_in_review': refused,
  'state.changed': conflict,
  'backlog.missing': refused,
  'backlog.invalid': refused,
  'backlog.closed': refused,
  'backlog.no_match': refused,
  'backlog.several_matches': refused,
  'backlog.not_closed': refused,
  'path.unsafe_id': refused,
  'path.escapes': refused,
  'run.exists': refused,
  'run.not_found': refused,
  'journal.corrupt': refused,
  'journal.newer': refused,

  'design.invalid': gate('design'),
  'design.id_mismatch': gate('design'),
  'review.missing': gate('implementation_review'),
  'review.not_passed': gate('implementation'),
  'review.check_failed': gate('implementation'),
  'review.blocking_findings': gate('implementation'),
  'environment.invalid': gate('implementation'),
  'config.invalid': gate('launch'),
  'git.dirty': gate('launch'),
  'git.required': gate('launch'),
  'host.conflict': gate('design'),
  'host.unresolved': gate('launch'),
  'host.probe_hung': gate('launch'),
  'remote.unreachable': gate('launch'),
  'remote.lost': undetermined,
  'remote.denied': gate('launch'),
  'remote.host_key': gate('launch'),
  'remote.path': gate('launch'),
  'remote.tools': gate('launch'),
  'remote.git_mode': gate('launch'),
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
  'local.lost': badEnd,
  'local.terminated': badEnd,
  'local.start_failed': badEnd,
  'local.code_changed': badEnd,

  'slurm.refused': { outcome: 'needs_retry', stage: 'design', costsAttempt: true, endsRun: true },
  'slurm.submit_lost': badEnd,
  'slurm.unreachable': undetermined,
  'slurm.other_cluster': undetermined,
  'slurm.undetermined': undetermined,
  'slurm.failed': badEnd,
  'slurm.signal': badEnd,
  'slurm.timeout': badEnd,
  'slurm.out_of_memory': badEnd,
  'slurm.cancelled': badEnd,
  'slurm.node_fail': badEnd,
  'slurm.preempted': badEnd,
  'slurm.boot_fail': badEnd,
  'slurm.deadline': badEnd,
  'slurm.revoked': badEnd,
  'slurm.unknown_state': badEnd,
  'slurm.code_changed': badEnd,
  'slurm.not_owner': badEnd,

  'run.undetermined': undetermined,
  'run.still_going': undetermined,
  'run.abandoned': { outcome: 'needs_retry', stage: 'same', costsAttempt: false, endsRun: true },
  'run.moved': { outcome: 'needs_retry', stage: 'same', costsAttempt: false, endsRun: true },
  'run.not_abandonable': refused,

  'sync.send_failed': stepFailed,
  'sync.unstable': stepFailed,
  'sync.failed': stepFailed,
  'sync.not_ok': refused,
  'artifacts.missing': stepFailed,
  'verify.failed': stepFailed,
  'manifest.differs': toolFailed,

  'ledger.no_job_id': toolFailed,
  'ledger.invalid': toolFailed,
  'ledger.mismatch': toolFailed,
  'todo.unknown': refused,
  'doctor.failed': toolFailed,
  'init.exists': refused,
} as const satisfies Record<EndCode, Consequence>;

function isEndCode(code: Code): code is EndCode {
  return Object.hasOwn(OUTCOMES, code);
}

/** A detail that ends a command all the same (a single file that one command reads) sends nobody anywhere. */
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

/** What a code makes of the workflow. Success resets the counter; the last counted failure hands over to a person. */
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
