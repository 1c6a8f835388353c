import { notificationFolder, pendingNotifications } from '../run/notification.ts';
import type { LaunchEnvironment } from '../run/session.ts';

/** Informs whoever launch.yaml names of the outcomes of runs. */

/**
 * Does the work of a verb that drives or ends a run, and delivers what is pending: what an earlier process could not, at
 * once, and what the work itself leaves, after it. Never changes the result.
 */
export async function notifying<T>(env: LaunchEnvironment, work: () => Promise<T> | T): Promise<T> {
  const tried = new Set<string>();
  const before = deliver(env, tried);
  try {
    return await work();
  } finally {
    await before;
    await deliver(env, tried);
  }
}

/** Never rejects. The code is loaded only if there is something to do. */
async function deliver(env: LaunchEnvironment, tried: Set<string>): Promise<void> {
  try {
    const folder = notificationFolder(env.root);
    if (env.control.detach || folder === null || pendingNotifications(folder).length === 0) return;
    const { deliverPending } = await import('./deliver-notifications.ts');
    await deliverPending(env, folder, tried);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    env.emit({ type: 'note', message: `A notification could not be delivered: ${words}` });
  }
}
