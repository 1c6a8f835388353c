import type { Code } from '../errors/catalog.ts';
import type { Failure, Recommendation } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { consequenceOf, EXIT_STATUS, type Outcome } from '../run/outcome.ts';

/** What a command came to: the JSON that scripts get. Keys that do not apply are null or empty, never left out. */
export interface CommandResult {
  readonly schema_version: '1.0';
  readonly command: string;
  readonly outcome: Outcome;
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly iteration_id: string | null;
  readonly experiment_id: string | null;
  readonly run_id: string | null;
  readonly run_dir: string | null;
  readonly host_mode: 'local' | 'slurm' | null;
  readonly job_id: string | null;
  readonly cluster: string | null;
  readonly status: string | null;
  readonly artifact_sync_status: string | null;
  readonly stage_before: string | null;
  readonly stage_after: string | null;
  readonly stage_attempt: number | null;
  readonly max_stage_attempts: number | null;
  /** Whether the failure cost an attempt; null if the result is no failure. */
  readonly attempt_counted: boolean | null;
  readonly problems: readonly Problem[];
  readonly recommendations: readonly Recommendation[];
  /** What a single command tells besides; only the keys of that command. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Outcomes that are no failure. */
const GOOD: readonly Outcome[] = ['ok', 'completed', 'submitted'];

export type ResultParts = Partial<Omit<CommandResult, 'schema_version' | 'command' | 'code'>>;

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
