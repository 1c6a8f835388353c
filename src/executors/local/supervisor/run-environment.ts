import type { Order } from '../../../schedulers/local/receipt.ts';

/** What the script of a run finds in its environment. */
export function environmentFor(order: Order): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...order.environment,
    AUTOLAB_RUN_ID: order.run_id,
    AUTOLAB_ITERATION_ID: order.iteration_id,
    AUTOLAB_RUN_DIR: order.run_dir,
    AUTOLAB_REPO_ROOT: order.root,
    AUTOLAB_SCRATCH: order.scratch,
  };
}
