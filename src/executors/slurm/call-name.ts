import { type RunContext, viewOf } from '../../run/context.ts';

/** What a call of `sbatch` is called, among all of the run. */
export function callName(ctx: RunContext, chunk: number, attempt: number): string {
  return viewOf(ctx).opened.tasks === undefined ? String(attempt) : `${chunk}.${attempt}`;
}

/** Its answer, in `logs/`. */
export function answerFileName(ctx: RunContext, chunk: number, attempt: number): string {
  return `sbatch.${callName(ctx, chunk, attempt)}.txt`;
}
