import { findProgram } from '../platform/find-program.ts';
import { webhookOf } from '../project/notify-config.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import type { Check } from '../run/check.ts';
import { notificationFolder, pendingNotifications } from '../run/notification.ts';

/** Whether a notification could be delivered: the command is there, and the address is known. Sends nothing. */
export function checkNotify(root: string): readonly Check[] {
  const notify = readLaunchConfig(root)?.notify ?? null;
  if (notify === null) return checkPending(root);
  const { command, webhook } = notify;
  const checks: Check[] = [];
  if (command !== null) {
    const found = findProgram(command[0], root) !== null;
    const mend = found ? null : 'Install it, make it executable, or fix notify.command in .autolab/launch.yaml';
    checks.push(check(found, `the command ${command[0]} ${found ? 'is there' : 'cannot be run'}`, mend));
  }
  if (webhook !== null) {
    const address = webhookOf(webhook, process.env);
    const good = address.kind === 'url';
    const words = good ? `to ${address.url.host}` : address.words;
    checks.push(
      check(good, `webhook: ${words}`, good ? null : 'Set it, or fix notify.webhook in .autolab/launch.yaml'),
    );
  }
  return [...checks, ...checkPending(root)];
}

/** What earlier calls could not deliver. */
function checkPending(root: string): readonly Check[] {
  const folder = notificationFolder(root);
  const waiting = folder === null ? 0 : pendingNotifications(folder).length;
  if (waiting === 0) return [];
  const found = `${waiting} ${waiting === 1 ? 'notification is' : 'notifications are'} not delivered yet`;
  return [check(false, found, 'Try again: autolab resume')];
}

function check(good: boolean, found: string, mend: string | null): Check {
  return { name: 'notify', status: good ? 'ok' : 'warn', found, mend };
}
