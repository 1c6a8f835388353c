import { type RunContext, viewOf } from '../../run/context.ts';
import { never, type Step, type StepEnd } from '../../run/step.ts';
import { jobIdOf } from './order.ts';
import { otherCluster } from './same-cluster.ts';
import { waitForTasks } from './tasks/wait-for-tasks.ts';
import { waitForEnd } from './wait-for-end.ts';

/** Waits until the job has left the queue (R14). Asking twice has the same effect as asking once. */
export const wait: Step = {
  name: 'wait',
  skip: never,
  intent: (ctx) => ({ job_id: jobIdOf(ctx) }),
  run: waitInQueue,
  reconcile: waitInQueue,
};

async function waitInQueue(ctx: RunContext): Promise<StepEnd> {
  const strange = await otherCluster(ctx, 'wait');
  if (strange !== null) return strange;
  const tasks = viewOf(ctx).opened.tasks;
  const end = await (tasks === undefined ? waitForEnd(ctx, 'wait') : waitForTasks(ctx, 'wait'));
  return end.kind === 'left' ? { kind: 'done', message: end.message } : end.end;
}
