import type { RunContext } from '../../run/context.ts';
import { whyNoAnswer } from '../../schedulers/slurm/answer.ts';
import { judgeOrder, type OrderAnswer } from '../../schedulers/slurm/orders.ts';
import type { SlurmReply } from './scheduler.ts';

/** The result of an order. An order without an answer is written down: Slurm may execute it later. */
export function noteOrder(
  ctx: RunContext,
  step: string,
  { order, jobId }: { readonly order: 'release' | 'cancel'; readonly jobId: string },
  result: SlurmReply,
): OrderAnswer {
  const answer = judgeOrder(result);
  if (answer === 'unknown')
    ctx.journal.append(step, 'order.unanswered', { order, job_id: jobId, words: whyNoAnswer(result) });
  return answer;
}
