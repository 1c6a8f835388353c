import type { Code } from '../errors/catalog.ts';
import { type Failure, failureOf, type Recommendation } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { consequenceOf, EXIT_STATUS, type Outcome } from '../run/outcome.ts';

/** The keys of every result, the JSON for scripts. A key that does not apply is null or empty, never left out. */
export interface VerbResult {
  readonly schema_version: '1.0';
  /** The command line's name of the verb, such as `launch` or `todo list`. */
  readonly command: string;
  /** How the call ended; `EXIT_STATUS` has the exit status of each. */
  readonly outcome: Outcome;
  /** A stable code of the catalogue (`CATALOG`): look at this, not at the message. */
  readonly code: Code;
  /** One sentence for the user. */
  readonly message: string;
  /** The next thing to do; may be empty. */
  readonly hint: string;
  readonly iteration_id: string | null;
  readonly experiment_id: string | null;
  readonly run_id: string | null;
  /** Relative to the project root. */
  readonly run_dir: string | null;
  readonly host_mode: 'local' | 'slurm' | null;
  readonly job_id: string | null;
  readonly cluster: string | null;
  /** The state of the run, as in the manifest: `pending`, `running`, `partial`, `synced`, `completed` or `failed`. */
  readonly status: string | null;
  readonly artifact_sync_status: string | null;
  readonly stage_before: string | null;
  readonly stage_after: string | null;
  readonly stage_attempt: number | null;
  readonly max_stage_attempts: number | null;
  /** Whether the failure cost an attempt; null if the result is not a failure. */
  readonly attempt_counted: boolean | null;
  readonly problems: readonly Problem[];
  readonly recommendations: readonly Recommendation[];
}

/** A result with the keys of its own verb apart; `--json` prints them beside the others. */
export interface CommandResult extends VerbResult {
  /** Only the keys of that verb. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Outcomes that are not failures. */
const GOOD: readonly Outcome[] = ['ok', 'completed', 'submitted'];

export type ResultParts = Partial<Omit<CommandResult, 'schema_version' | 'command' | 'code'>>;

/** The stage before and after, and the attempts as they are after. */
export function stageKeys(
  before: { readonly stage: string },
  after: { readonly stage: string; readonly stage_attempt: number; readonly max_stage_attempts: number | null },
): Pick<VerbResult, 'stage_before' | 'stage_after' | 'stage_attempt' | 'max_stage_attempts'> {
  const { stage_attempt, max_stage_attempts } = after;
  return { stage_before: before.stage, stage_after: after.stage, stage_attempt, max_stage_attempts };
}

export function resultOfCode(
  command: string,
  code: Code,
  parts: ResultParts & { readonly message: string; readonly hint: string },
): CommandResult {
  const outcome = parts.outcome ?? consequenceOf(code).outcome;
  return {
    schema_version: '1.0',
    command,
    outcome,
    code,
    iteration_id: null,
    experiment_id: null,
    run_id: null,
    run_dir: null,
    host_mode: null,
    job_id: null,
    cluster: null,
    status: null,
    artifact_sync_status: null,
    stage_before: null,
    stage_after: null,
    stage_attempt: null,
    max_stage_attempts: null,
    attempt_counted: GOOD.includes(outcome) ? null : false,
    problems: [],
    recommendations: [],
    details: {},
    ...parts,
  };
}

export function resultOfFailure(command: string, failure: Failure, parts: ResultParts = {}): CommandResult {
  return resultOfCode(command, failure.code, {
    message: failure.message,
    hint: failure.hint,
    problems: failure.problems,
    recommendations: failure.recommendations,
    ...parts,
  });
}

/** The exit status of the program. `autolab cancel` that cancelled did what was asked of it. */
export function exitStatusOf(result: Pick<CommandResult, 'command' | 'outcome'>): number {
  return result.command === 'cancel' && result.outcome === 'cancelled' ? 0 : EXIT_STATUS[result.outcome];
}

/** A result as `--json` prints it: the keys of the verb beside those of every result. */
export function flatten({ details, ...keys }: CommandResult): VerbResult {
  return { ...details, ...keys };
}

/** A verb that did what it was asked to do. */
export function succeed(
  command: string,
  words: { readonly message?: string; readonly hint: string },
  parts: ResultParts = {},
): CommandResult {
  return resultOfFailure(command, failureOf('ok', words), parts);
}

/** The result of a call that needs no verb, such as `--version`. */
export function callSuccess(command: string, message: string): VerbResult {
  return flatten(succeed(command, { message, hint: '' }));
}

/** The result of a call that failed before it reached a verb. */
export function callResult(command: string, failure: Failure): VerbResult {
  return flatten(resultOfFailure(command, failure));
}
