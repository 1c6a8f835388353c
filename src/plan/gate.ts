import type { Code } from '../errors/catalog.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { sentence } from '../platform/sentence.ts';
import type { Objection } from '../run/objection.ts';

/** The pre-launch gate: all reasons against a launch at once, and the one code that decides the next stage. Pure. */

/** In the order of the workflow: what must be fixed first decides the stage to go back to. */
const ORDER: readonly Code[] = [
  'design.invalid',
  'design.id_mismatch',
  'review.missing',
  'review.not_passed',
  'review.check_failed',
  'review.blocking_findings',
  'review.stale',
  'review.four_eyes',
  'review.unsigned',
  'review.bad_signature',
  'review.signers',
  'review.no_ssh_keygen',
  'environment.invalid',
  'config.invalid',
  'host.probe_hung',
  'host.unresolved',
  'host.setup_failed',
  'host.not_on_path',
  'host.conflict',
  'host.other_cluster',
  'host.memory_not_enforceable',
  'todo.open',
  'git.failed',
  'code.scope',
  'inputs.missing',
  'inputs.unreadable',
  'git.required',
  'git.dirty',
  'prompt.invalid',
  'script.too_long',
  'script.invalid',
];

/** Null if all checks pass. */
export function judgeGate(objections: readonly Objection[], problems: readonly Problem[]): Failure | null {
  const rank = (code: Code): number => (ORDER.includes(code) ? ORDER.indexOf(code) : ORDER.length);
  const sorted = [...objections].sort((a, b) => rank(a.code) - rank(b.code));
  const [first, ...others] = sorted;
  if (first === undefined) return null;
  const message =
    others.length === 0
      ? sentence(first.message)
      : `${sentence(first.message)} Also: ${others.map((other) => sentence(other.message)).join(' ')}`;
  return failureOf(first.code, {
    message,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    problems,
  });
}
