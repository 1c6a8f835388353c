import type { RunContext } from '../../run/context.ts';
import { succeeded, whyNoAnswer } from '../../schedulers/slurm/answer.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import { shownIn, showSubmittedArgv } from '../../schedulers/slurm/show-submitted.ts';
import { siteOfRun } from '../../sites/site.ts';
import type { TransportCommand, TransportResult } from '../../transports/transport.ts';
import { noteRead, type SlurmReply } from './scheduler.ts';

/** What the controller says of a job, asked in the call that submitted it: the check of a held job then needs no other one. */

/** The answer of sbatch waits for it. */
const TIMEOUT_MS = 20_000;

const shown = new WeakMap<RunContext, { readonly jobId: string; readonly answer: SlurmReply }>();

/** `answer`: the file with that of sbatch, on the launch host. */
export function showSubmitted(ctx: RunContext, answer: string): TransportCommand {
  const argv = showSubmittedArgv(answer, siteOfRun(ctx).cluster);
  return { argv, timeoutMs: TIMEOUT_MS, environment: CLIENT_ENVIRONMENT };
}

/** A question without a clear answer is asked again, alone. */
export function keepShown(ctx: RunContext, reply: TransportResult | null): void {
  const found = reply === null ? null : shownIn(reply, siteOfRun(ctx).cluster);
  if (found === null) return;
  if (succeeded(found.answer)) shown.set(ctx, found);
  else noteRead(ctx, 'submit', { command: 'scontrol', answer: whyNoAnswer(found.answer) });
}

/** Once, and only of this job. */
export function takeShown(ctx: RunContext, jobId: string): SlurmReply | null {
  const found = shown.get(ctx);
  shown.delete(ctx);
  return found?.jobId === jobId ? found.answer : null;
}
