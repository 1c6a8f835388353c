import type { RunContext } from '../../run/context.ts';
import { whyNoAnswer } from '../../schedulers/slurm/answer.ts';
import { judgeOrder, type OrderAnswer } from '../../schedulers/slurm/orders.ts';
import type { SlurmReply } from './scheduler.ts';

/** What came of an order. One that was sent without an answer is written down: it may be carried out later. */
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
