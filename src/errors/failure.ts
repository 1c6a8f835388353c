import { CATALOG, type Code } from './catalog.ts';
import type { Problem } from './problem.ts';

/** A change to a document that would probably help. */
export interface Recommendation {
  readonly file: string;
  readonly pointer: string;
  readonly current: string | null;
  readonly suggested: string | null;
  readonly why: string;
}

/** An expected failure: a value, never thrown across the core. */
export interface Failure {
  readonly code: Code;
  /** One sentence: what happened. */
  readonly message: string;
  /** The next thing to do. */
  readonly hint: string;
  readonly problems: readonly Problem[];
  readonly recommendations: readonly Recommendation[];
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export interface FailureParts {
  readonly message?: string;
  readonly hint?: string;
  readonly problems?: readonly Problem[];
  readonly recommendations?: readonly Recommendation[];
}

/** A failure of the catalogue; its entry fills in what the parts leave out. */
export function failureOf(code: Code, parts: FailureParts = {}): Failure {
  const entry = CATALOG[code];
  return {
    code,
    message: parts.message ?? entry.summary,
    hint: parts.hint ?? entry.hint,
    problems: parts.problems ?? [],
    recommendations: parts.recommendations ?? [],
  };
}

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail<T>(code: Code, parts: FailureParts = {}): Result<T> {
  return { ok: false, failure: failureOf(code, parts) };
}

/** Thrown if a driver must stop in the middle of a step without another effect. Carries the failure to report, and its run. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly failure: Failure;
  readonly run: { readonly iteration_id: string; readonly run_id: string; readonly run_dir: string };

  constructor(failure: Failure, run: Stopped['run']) {
    super(failure.message);
    this.failure = failure;
    this.run = run;
  }
}

/** Thrown if a driver finds that it has lost the lease: it must stop without another effect. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly code: 'lease.lost' | 'project.moved';

  constructor(code: LeaseLost['code'], message: string) {
    super(message);
    this.code = code;
  }
}
